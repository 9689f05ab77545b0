//! `spikes.npz`, `traces.npz` and `series.npz`: written for NumPy, spikes and traces read back by
//! `isospike plot`.

mod synapses;
mod traces;

pub use synapses::write_synapses;
pub use traces::{read_traces, write_traces};

use crate::series::Series;
use isospike_core::analyse::train::{SpikeTrain, TrainPopulation};
use isospike_core::base::clock::Clock;
use isospike_core::base::input;
use isospike_core::base::memory;
use isospike_core::base::words::count;
use isospike_core::plan::Plan;
use isospike_core::run::counters::Counters;
use isospike_front::npy;
use npyz::{DType, Deserialize, WriteOptions, WriterBuilder};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek, SeekFrom, Write};
use std::path::Path;
use zip::result::ZipError;
use zip::write::FileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

type Reader = ZipArchive<BufReader<File>>;

/// Writes spikes and what is needed to draw them.
pub fn write_spikes(path: &Path, train: &SpikeTrain) -> io::Result<()> {
    let mut npz = create(path)?;
    array(&mut npz, "step", &[train.len()], &train.step)?;
    array(&mut npz, "population", &[train.len()], &train.population)?;
    array(&mut npz, "neuron", &[train.len()], &train.neuron)?;
    array(&mut npz, "copy", &[train.len()], &train.copy)?;
    array(&mut npz, "time_ms", &[train.len()], &times_ms(train.dt_ms, &train.step))?;
    array(&mut npz, "dt_ms", &[], &[train.dt_ms])?;
    array(&mut npz, "steps", &[], &[train.steps])?;
    array(&mut npz, "transient_steps", &[], &[train.transient_steps])?;
    array(&mut npz, "batch", &[], &[train.batch])?;
    let populations = &train.populations;
    let sizes: Vec<u32> = populations.iter().map(|p| p.size).collect();
    array(&mut npz, "population_size", &[sizes.len()], &sizes)?;
    let rate = |p: &TrainPopulation| p.reference_rate_hz.unwrap_or(f64::NAN);
    let rates: Vec<f64> = populations.iter().map(rate).collect();
    array(&mut npz, "population_reference_rate_hz", &[rates.len()], &rates)?;
    let names: Vec<&str> = populations.iter().map(|p| p.name.as_str()).collect();
    strings(&mut npz, "population_name", &names)?;
    close(npz)
}

/// Writes counts per millisecond, u64: `spikes` `[bins, populations]`, `synaptic_events`,
/// `post_events` and `clocked_events` `[bins, projections]`, `stimulus_events` `[bins, stimuli]`,
/// with the names of all; `steps` has the steps of each bin, `bin_steps` those of a whole one,
/// `time_ms` the end of each.
pub fn write_series(path: &Path, plan: &Plan, series: &Series, dt_ms: f64) -> io::Result<()> {
    let mut npz = create(path)?;
    let bins = series.bins();
    let steps: Vec<u64> = bins.iter().map(|bin| bin.steps).collect();
    array(&mut npz, "steps", &[bins.len()], &steps)?;
    array(&mut npz, "bin_steps", &[], &[series.bin_steps()])?;
    array(&mut npz, "dt_ms", &[], &[dt_ms])?;
    let end = |done: &mut u64, steps: &u64| {
        *done += steps;
        Some(Clock::new(dt_ms).after_ms(*done))
    };
    let ends: Vec<f64> = steps.iter().scan(0, end).collect();
    array(&mut npz, "time_ms", &[bins.len()], &ends)?;
    let populations: Vec<&str> = plan.populations.iter().map(|p| p.name.as_str()).collect();
    let projections: Vec<&str> = plan.projections.iter().map(|p| p.name.as_str()).collect();
    let stimuli: Vec<&str> = plan.stimuli.iter().map(|s| s.name.as_str()).collect();
    type Of = fn(&Counters) -> &[u64];
    let counts: [(&str, &[&str], Of); 5] = [
        ("spikes", &populations, |bin| &bin.spikes),
        ("synaptic_events", &projections, |bin| &bin.synaptic_events),
        ("post_events", &projections, |bin| &bin.post_events),
        ("clocked_events", &projections, |bin| &bin.clocked_events),
        ("stimulus_events", &stimuli, |bin| &bin.stimulus_events),
    ];
    for (name, names, of) in counts {
        let values: Vec<u64> = bins.iter().flat_map(of).copied().collect();
        array(&mut npz, name, &[bins.len(), names.len()], &values)?;
    }
    strings(&mut npz, "population_name", &populations)?;
    strings(&mut npz, "projection_name", &projections)?;
    strings(&mut npz, "stimulus_name", &stimuli)?;
    close(npz)
}

/// Reads what [`write_spikes`] wrote.
pub fn read_spikes(path: &Path) -> io::Result<SpikeTrain> {
    let mut npz = open(path)?;
    let sizes: Vec<u32> = read(&mut npz, "population_size")?;
    let names: Vec<Vec<u8>> = read(&mut npz, "population_name")?;
    let rates: Vec<f64> = read(&mut npz, "population_reference_rate_hz")?;
    if names.len() != sizes.len() || rates.len() != sizes.len() {
        return Err(invalid("the population_* arrays have different lengths"));
    }
    let population = |((name, size), rate): ((&Vec<u8>, u32), f64)| TrainPopulation {
        name: String::from_utf8_lossy(name).into_owned(),
        size,
        reference_rate_hz: rate.is_finite().then_some(rate),
    };
    let train = SpikeTrain {
        dt_ms: scalar(&mut npz, "dt_ms")?,
        steps: scalar(&mut npz, "steps")?,
        transient_steps: scalar(&mut npz, "transient_steps")?,
        batch: scalar(&mut npz, "batch")?,
        populations: names.iter().zip(sizes).zip(rates).map(population).collect(),
        step: read(&mut npz, "step")?,
        copy: read(&mut npz, "copy")?,
        population: read(&mut npz, "population")?,
        neuron: read(&mut npz, "neuron")?,
    };
    validate(&train).map_err(|why| invalid(&why))?;
    Ok(train)
}

/// Every index must be inside what it counts: the file may come from anywhere.
fn validate(train: &SpikeTrain) -> Result<(), String> {
    let n = train.len();
    if [&train.copy, &train.population, &train.neuron].iter().any(|column| column.len() != n) {
        return Err("step, copy, population and neuron have different lengths".into());
    }
    if !(train.dt_ms > 0.0 && train.dt_ms.is_finite()) {
        return Err(format!("dt_ms is {}", train.dt_ms));
    }
    for i in 0..n {
        let population = train.populations.get(train.population[i] as usize);
        let size = population.map_or(0, |p| p.size);
        let inside = train.neuron[i] < size && train.copy[i] < train.batch;
        let ordered = i == 0 || train.step[i - 1] <= train.step[i];
        if !inside || !ordered || train.step[i] >= train.steps {
            return Err(format!("spike {i} is out of range or out of order"));
        }
    }
    Ok(())
}

/// Returns the times of spikes in these steps.
fn times_ms(dt_ms: f64, steps: &[u32]) -> Vec<f64> {
    let clock = Clock::new(dt_ms);
    steps.iter().map(|step| clock.of_step_ms(*step)).collect()
}

/// A number of an array.
trait Number: Copy {
    /// As NumPy names it.
    const TYPE: &'static str;

    /// Writes its bytes, the lowest first.
    fn put(self, to: &mut [u8]);
}

macro_rules! numbers {
    ($($number:ty = $name:literal),*) => {
        $(impl Number for $number {
            const TYPE: &'static str = $name;

            #[inline(always)]
            fn put(self, to: &mut [u8]) {
                to.copy_from_slice(&self.to_le_bytes());
            }
        })*
    };
}

numbers!(u32 = "<u4", u64 = "<u8", i64 = "<i8", f32 = "<f4", f64 = "<f8");

/// Bytes that are made before they are written: they fit the second-level cache.
const PIECE: usize = 1 << 18;

/// Writes an array piece by piece. A number at a time would take as long as the run.
fn array<W: Write + Seek, T: Number>(
    npz: &mut ZipWriter<W>,
    name: &str,
    shape: &[usize],
    values: &[T],
) -> io::Result<()> {
    let (header, size) = (header(T::TYPE, shape), size_of::<T>());
    let bytes = (header.len() + size_of_val(values)) as u64;
    npz.start_file(entry(name), options(bytes))?;
    npz.write_all(&header)?;
    let mut piece = vec![0; PIECE.min(size_of_val(values))];
    for values in values.chunks(PIECE / size) {
        let bytes = &mut piece[..size_of_val(values)];
        bytes.chunks_exact_mut(size).zip(values).for_each(|(to, value)| value.put(to));
        npz.write_all(bytes)?;
    }
    Ok(())
}

/// The header of an array, of version 1, with the data behind it aligned to 64 bytes.
fn header(kind: &str, shape: &[usize]) -> Vec<u8> {
    let numbers: Vec<String> = shape.iter().map(|n| format!("{n},")).collect();
    let shape = numbers.join(" ");
    let text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
    const START: usize = 10;
    let length = (START + text.len() + 1).next_multiple_of(64) - START;
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend((length as u16).to_le_bytes());
    header.extend(format!("{text:<0$}\n", length - 1).bytes());
    header
}

/// UTF-8 in fixed-width byte strings: NumPy reads them without pickle.
fn strings<W: Write + Seek>(npz: &mut ZipWriter<W>, name: &str, values: &[&str]) -> io::Result<()> {
    let width = values.iter().map(|value| value.len()).max().unwrap_or(0).max(1);
    let kind = format!("|S{width}").parse().map_err(|_| invalid("string width"))?;
    let shape = [values.len() as u64];
    npz.start_file(entry(name), options((values.len() * width) as u64))?;
    let builder = WriteOptions::<[u8]>::new().dtype(DType::Plain(kind)).shape(&shape);
    let mut writer = builder.writer(npz).begin_nd()?;
    for value in values {
        writer.push(value.as_bytes())?;
    }
    writer.finish()
}

/// The name of the entry that holds an array.
fn entry(name: &str) -> String {
    format!("{name}.npy")
}

/// The options of an entry of about so many bytes. The same arrays are the same bytes whenever they
/// are written: no entry says when it was. Nothing is compressed: deflating spikes takes ten times
/// as long as writing them, and NumPy maps what is stored as it is.
fn options(bytes: u64) -> FileOptions {
    // An entry of 4 GiB needs longer fields, which come before its data. Room for a header.
    let is_large = bytes > u64::from(u32::MAX) - (1 << 16);
    FileOptions::default()
        .last_modified_time(DateTime::default())
        .compression_method(CompressionMethod::Stored)
        .large_file(is_large)
}

/// A file that writes nothing more after its first error, and then calls that a success: the writer
/// of archives would otherwise try again when it is dropped, and print its own words.
struct UntilError {
    file: BufWriter<File>,
    has_failed: bool,
    /// The place that the next byte goes to, and the largest that there was.
    at: u64,
    end: u64,
}

/// Opens an archive, whose directory stands at its end: a pipe cannot be one.
fn open(path: &Path) -> io::Result<Reader> {
    Ok(ZipArchive::new(BufReader::new(input::open_regular(path)?))?)
}

fn create(path: &Path) -> io::Result<ZipWriter<UntilError>> {
    let file = BufWriter::new(File::create(path)?);
    Ok(ZipWriter::new(UntilError { file, has_failed: false, at: 0, end: 0 }))
}

impl UntilError {
    fn after<T>(
        &mut self,
        otherwise: T,
        what: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.has_failed {
            return Ok(otherwise);
        }
        what(&mut self.file).inspect_err(|_| self.has_failed = true)
    }
}

impl Write for UntilError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.after(bytes.len(), |file| file.write(bytes))?;
        self.at += written as u64;
        self.end = self.end.max(self.at);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.after((), BufWriter::flush)
    }
}

impl Seek for UntilError {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // The writer of archives subtracts an earlier place from this one.
        self.at = self.after(self.end, |file| file.seek(to))?;
        Ok(self.at)
    }
}

/// Writes the directory at the end of the file, with its errors (dropping would hide them).
fn close<W: Write + Seek>(mut npz: ZipWriter<W>) -> io::Result<()> {
    npz.finish().map_err(io::Error::other)?.flush()
}

/// An array. A file of a few kilobytes may claim, or unfold to, any length: what it holds must fit
/// into memory, and each entry be there.
fn read<T: Deserialize>(npz: &mut Reader, name: &str) -> io::Result<Vec<T>> {
    let entry = match npz.by_name(&entry(name)) {
        Err(ZipError::FileNotFound) => {
            return Err(invalid(&format!("there is no array `{name}`")));
        }
        entry => entry?,
    };
    let bytes = entry.size();
    if memory::available_bytes().is_some_and(|available| bytes > available / 2) {
        return Err(invalid(&format!("`{name}` needs {} of memory", count(bytes, "byte"))));
    }
    let array = npy::open(entry.take(bytes))?;
    if array.len() > bytes {
        return Err(invalid(&format!("`{name}` is shorter than its header says")));
    }
    array.into_vec()
}

fn scalar<T: Deserialize>(npz: &mut Reader, name: &str) -> io::Result<T> {
    let mut values = read(npz, name)?;
    match (values.pop(), values.is_empty()) {
        (Some(value), true) => Ok(value),
        _ => Err(invalid(&format!("`{name}` is not one number"))),
    }
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}

#[cfg(test)]
mod large;

#[cfg(test)]
mod tests {
    use super::*;
    use isospike_core::base::random::philox;

    fn train() -> SpikeTrain {
        let population = |name: &str, size, reference_rate_hz| TrainPopulation {
            name: name.into(),
            size,
            reference_rate_hz,
        };
        let mut train = SpikeTrain {
            dt_ms: 0.1,
            steps: 100,
            transient_steps: 10,
            batch: 2,
            populations: vec![population("exc", 4, Some(5.5)), population("größer", 2, None)],
            ..SpikeTrain::default()
        };
        train.push(3, 0, 0, 3);
        train.push(3, 1, 1, 1);
        train.push(99, 0, 0, 0);
        train
    }

    fn file(name: &str) -> std::path::PathBuf {
        std::env::temp_dir().join(format!("isospike_npz_{}_{name}.npz", std::process::id()))
    }

    #[test]
    fn spikes_belong_to_the_end_of_their_step() {
        let path = file("times");
        write_spikes(&path, &train()).unwrap();
        let mut npz = open(&path).unwrap();
        let times: Vec<f64> = read(&mut npz, "time_ms").unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(times, [0.4, 0.4, 10.0]);
    }

    #[test]
    fn arrays_of_every_type_and_shape_have_the_headers_of_numpy() {
        let text = |kind, shape: &[usize]| String::from_utf8(header(kind, shape)[10..].to_vec());
        let start = "{'descr': '<u4', 'fortran_order': False, 'shape': (3,), }";
        let header = text("<u4", &[3]).unwrap();
        assert!(header.starts_with(start) && header.ends_with(" \n"), "{header}");
        assert_eq!((header.len() + 10) % 64, 0);
        assert!(text("<f8", &[]).unwrap().contains("'shape': (), }"));
        assert!(text("<f8", &[7, 1, 0]).unwrap().contains("'shape': (7, 1, 0,), }"));
    }

    /// More numbers than a piece has, of every width.
    #[test]
    fn numbers_come_back_piece_by_piece() {
        let path = file("pieces");
        let values: Vec<u32> = (0..200_000_u32).map(|i| i.wrapping_mul(0x9e37_79b9)).collect();
        let wide: Vec<f64> = values.iter().map(|value| f64::from(*value) * 0.1).collect();
        let mut npz = create(&path).unwrap();
        array(&mut npz, "u4", &[values.len()], &values).unwrap();
        array(&mut npz, "f8", &[100, 2000], &wide).unwrap();
        array(&mut npz, "i8", &[1], &[-1_i64]).unwrap();
        array(&mut npz, "none", &[0], &[0_f32; 0]).unwrap();
        close(npz).unwrap();
        let mut npz = open(&path).unwrap();
        assert_eq!(read::<u32>(&mut npz, "u4").unwrap(), values);
        assert_eq!(read::<f64>(&mut npz, "f8").unwrap(), wide);
        assert_eq!(read::<i64>(&mut npz, "i8").unwrap(), [-1]);
        assert_eq!(read::<f32>(&mut npz, "none").unwrap(), [0.0; 0]);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn spikes_come_back_as_they_were() {
        let path = file("back");
        write_spikes(&path, &train()).unwrap();
        let back = read_spikes(&path);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(back.unwrap(), train());
    }

    /// The file with the bytes of one array replaced, its checksums right.
    fn replaced(
        path: &Path,
        which: usize,
        change: impl Fn(&mut Vec<u8>),
    ) -> io::Result<SpikeTrain> {
        write_spikes(path, &train()).unwrap();
        let mut old = open(path).unwrap();
        let mut arrays: Vec<(String, Vec<u8>)> = Vec::new();
        for index in 0..old.len() {
            let mut entry = old.by_index(index).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            arrays.push((entry.name().to_string(), bytes));
        }
        let count = arrays.len();
        change(&mut arrays[which % count].1);
        let mut new = create(path).unwrap();
        for (name, bytes) in arrays {
            new.start_file(name, Default::default()).unwrap();
            new.write_all(&bytes).unwrap();
        }
        close(new).unwrap();
        let read = read_spikes(path);
        std::fs::remove_file(path).unwrap();
        read
    }

    #[test]
    fn any_bytes_of_an_array_are_read_or_refused() {
        let path = file("mutated");
        let mut read = 0;
        for number in 0..600_u32 {
            let dice = philox([number, 0, 0, 0], [5, 7]);
            let result = replaced(&path, dice[0] as usize, |bytes| {
                let at = dice[1] as usize % bytes.len();
                match dice[2] % 3 {
                    0 => bytes[at] ^= 1 << (dice[3] % 8),
                    1 => bytes.truncate(at),
                    _ => bytes[at] = b"0123456789S<>[({'"[dice[3] as usize % 17],
                }
            });
            read += u32::from(result.is_ok());
        }
        println!("{read} of 600 were read");
        assert!((1..600).contains(&read), "{read}");
    }

    #[test]
    fn entries_without_bytes_are_not_counted_up() {
        // 10^11 texts of no letters.
        let header = "{'descr': '|S0', 'fortran_order': False, 'shape': (100000000000,), }\n";
        let names = 11;
        let result = replaced(&file("endless"), names, |bytes| {
            assert!(bytes.windows(4).any(|four| four == b"'|S8"), "the array of names");
            *bytes = b"\x93NUMPY\x01\x00".to_vec();
            bytes.extend((header.len() as u16).to_le_bytes());
            bytes.extend(header.bytes());
        });
        assert!(result.unwrap_err().to_string().contains("shorter than its header says"));
    }

    #[test]
    fn a_file_with_impossible_spikes_is_refused() {
        type Spoil = fn(&mut SpikeTrain);
        let spoil: [Spoil; 4] = [
            |train| train.neuron[1] = 2,
            |train| train.population[0] = 2,
            |train| train.step[2] = 100,
            |train| train.copy[0] = 2,
        ];
        for (i, spoil) in spoil.into_iter().enumerate() {
            let path = file(&format!("spoilt{i}"));
            let mut bad = train();
            spoil(&mut bad);
            write_spikes(&path, &bad).unwrap();
            let read = read_spikes(&path);
            std::fs::remove_file(&path).unwrap();
            assert!(read.is_err(), "{i}");
        }
    }
}
