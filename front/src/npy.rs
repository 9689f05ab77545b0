//! `.npy` arrays from anywhere: the header is looked at before a parser recurses into it.

use npyz::{DType, Endianness, NpyFile, NpyHeader, Order, TypeChar};
use std::io::{self, Cursor, Read};

/// The longest header. That of a plain array has about a hundred bytes.
const HEADER_MAX: usize = 4096;

/// How many brackets a header may open. That of a plain array has two, `{` and `(`; the parser's
/// time grows exponentially with them where the text is no literal.
const BRACKETS_MAX: usize = 8;

/// The longest number in a header: what has more digits overflows where sizes are multiplied.
const DIGITS_MAX: usize = 12;

/// Opens an array.
///
/// # Errors
/// What cannot be read, and what is not a header of reasonable size.
pub fn open<R: Read>(mut reader: R) -> io::Result<NpyFile<impl Read>> {
    let header = header(&mut reader)?;
    Ok(NpyFile::with_header(header, reader))
}

/// Reads the header, and nothing behind it.
fn header(mut reader: impl Read) -> io::Result<NpyHeader> {
    let mut start = vec![0; 10];
    reader.read_exact(&mut start)?;
    let mut length = usize::from(start[8]) | usize::from(start[9]) << 8;
    // From version 2 on the length has 4 bytes.
    if start[6] > 1 {
        start.extend([0; 2]);
        reader.read_exact(&mut start[10..])?;
        length |= usize::from(start[10]) << 16 | usize::from(start[11]) << 24;
    }
    if length > HEADER_MAX {
        return Err(wrong("its header is too long"));
    }
    let first = start.len();
    start.resize(first + length, 0);
    reader.read_exact(&mut start[first..])?;
    let header = &start[first..];
    let brackets = header.iter().filter(|byte| b"[({".contains(byte)).count();
    let mut words = header.split(|byte| !byte.is_ascii_digit());
    if brackets > BRACKETS_MAX || words.any(|digits| digits.len() > DIGITS_MAX) {
        return Err(wrong("its header is not that of an array"));
    }
    NpyHeader::from_reader(Cursor::new(start))
}

/// The longest text that is read.
const TEXT_MAX: u64 = 256;

/// The largest number of texts that are read.
const TEXTS_MAX: u64 = 256;

/// Reads an array of one text, of a long one the beginning.
///
/// # Errors
/// As [`open`], and anything else than one text.
pub fn text(mut reader: impl Read) -> io::Result<String> {
    let header = header(&mut reader)?;
    if bytes_of_text(&header).is_none() || header.shape().iter().any(|axis| *axis != 1) {
        return Err(wrong("it is not one text"));
    }
    let mut bytes = Vec::new();
    reader.take(TEXT_MAX).read_to_end(&mut bytes)?;
    unpadded(bytes)
}

/// Reads a list of texts.
///
/// # Errors
/// As [`open`], and anything else than a 1-D array of a few short texts.
pub fn texts(mut reader: impl Read) -> io::Result<Vec<String>> {
    let header = header(&mut reader)?;
    let bytes = bytes_of_text(&header).filter(|bytes| (1..=TEXT_MAX).contains(bytes));
    let (Some(bytes), [count @ ..=TEXTS_MAX]) = (bytes, header.shape()) else {
        return Err(wrong("it is no list of short texts"));
    };
    let one = |_| {
        let mut one = vec![0; bytes as usize];
        reader.read_exact(&mut one)?;
        unpadded(one)
    };
    (0..*count).map(one).collect()
}

/// Returns the bytes of each entry of an array of texts.
fn bytes_of_text(header: &NpyHeader) -> Option<u64> {
    match header.dtype() {
        DType::Plain(text) => (text.type_char() == TypeChar::ByteStr).then(|| text.size_field()),
        _ => None,
    }
}

fn unpadded(bytes: Vec<u8>) -> io::Result<String> {
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not a text in UTF-8"))?;
    Ok(text.trim_end_matches('\0').to_owned())
}

/// How many numbers are read at once.
const PIECE: usize = 1 << 13;

/// A 2-D array of numbers of any type and byte order, read column by column.
pub struct Table<R> {
    shape: Vec<u64>,
    order: Order,
    number: Number,
    reader: R,
}

/// A type of numbers.
#[derive(Clone, Copy, Debug)]
struct Number {
    kind: Kind,
    bytes: usize,
    is_big_endian: bool,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Signed,
    Unsigned,
    Float,
}

impl<R: Read> Table<R> {
    /// Opens an array of numbers.
    ///
    /// # Errors
    /// As [`open`], and entries that are not integers or floats of up to 8 bytes.
    pub fn open(mut reader: R) -> io::Result<Self> {
        let header = header(&mut reader)?;
        let number = Number::of(&header.dtype())?;
        Ok(Self { shape: header.shape().to_vec(), order: header.order(), number, reader })
    }

    /// The lengths of the axes.
    pub fn shape(&self) -> &[u64] {
        &self.shape
    }

    /// Reads `N` columns. Memory grows with what is there, not with what the header claims.
    ///
    /// # Errors
    /// What cannot be read; a shape without `N` columns; fewer entries than the header says.
    pub fn columns<const N: usize>(self) -> io::Result<[Vec<f64>; N]> {
        let (rows, order) = match self.shape[..] {
            [rows, columns] if columns == N as u64 => (rows, self.order),
            _ => return Err(wrong("it has another number of columns")),
        };
        let mut columns = [const { Vec::new() }; N];
        self.each(|entry, value| {
            let column = match order {
                Order::C => entry % N as u64,
                Order::Fortran => entry / rows,
            };
            columns[column as usize].push(value);
        })?;
        Ok(columns)
    }

    /// Reads all values of one or two axes, row by row.
    ///
    /// # Errors
    /// As [`Self::columns`].
    pub fn values(self) -> io::Result<Vec<f64>> {
        let (rows, columns) = match (&self.shape[..], self.order) {
            (&[rows, columns], Order::Fortran) => (rows as usize, columns as usize),
            _ => (1, 1),
        };
        let mut values = Vec::new();
        self.each(|_, value| values.push(value))?;
        if rows == 1 || columns == 1 {
            return Ok(values);
        }
        Ok((0..values.len()).map(|at| values[at % columns * rows + at / columns]).collect())
    }

    /// Reads the entries in the order of the file.
    fn each(mut self, mut entry: impl FnMut(u64, f64)) -> io::Result<()> {
        let entries = self.shape.iter().try_fold(1_u64, |n, axis| n.checked_mul(*axis));
        let entries = entries.ok_or_else(|| wrong("it is too long"))?;
        let mut piece = vec![0; PIECE * self.number.bytes];
        let mut done = 0;
        while done < entries {
            let here = (entries - done).min(PIECE as u64) as usize * self.number.bytes;
            self.reader.read_exact(&mut piece[..here]).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => wrong("it is shorter than its header says"),
                _ => error,
            })?;
            for bytes in piece[..here].chunks_exact(self.number.bytes) {
                entry(done, self.number.value(bytes));
                done += 1;
            }
        }
        Ok(())
    }
}

fn wrong(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl Number {
    fn of(kind: &DType) -> io::Result<Self> {
        let refused = |why: String| Err(io::Error::new(io::ErrorKind::InvalidData, why));
        let DType::Plain(text) = kind else {
            return refused("its entries are not plain numbers".into());
        };
        let (kind, sizes): (Kind, &[u64]) = match text.type_char() {
            TypeChar::Int => (Kind::Signed, &[1, 2, 4, 8]),
            TypeChar::Uint => (Kind::Unsigned, &[1, 2, 4, 8]),
            TypeChar::Bool => (Kind::Unsigned, &[1]),
            TypeChar::Float => (Kind::Float, &[2, 4, 8]),
            _ => (Kind::Signed, &[]),
        };
        if !sizes.contains(&text.size_field()) {
            let name = &text.to_string()[1..];
            return refused(format!("its entries are of type {name}, not integers or floats"));
        }
        let is_big_endian = text.endianness() == Endianness::Big;
        Ok(Self { kind, bytes: text.size_field() as usize, is_big_endian })
    }

    /// The value of an entry: exact, but for integers beyond 2^53, which are rounded.
    fn value(self, entry: &[u8]) -> f64 {
        let mut word = [0; 8];
        word[..entry.len()].copy_from_slice(entry);
        if self.is_big_endian {
            word[..entry.len()].reverse();
        }
        let bits = u64::from_le_bytes(word);
        let unused = 64 - 8 * entry.len() as u32;
        match (self.kind, entry.len()) {
            (Kind::Unsigned, _) => bits as f64,
            (Kind::Signed, _) => ((bits << unused) as i64 >> unused) as f64,
            (Kind::Float, 2) => half(bits as u16),
            (Kind::Float, 4) => f64::from(f32::from_bits(bits as u32)),
            (Kind::Float, _) => f64::from_bits(bits),
        }
    }
}

/// The value of a float of 16 bits: a sign, 5 bits of exponent and 10 of fraction.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let value = match exponent {
        0 => libm::ldexp(fraction, -24),
        31 if bits & 1023 == 0 => f64::INFINITY,
        31 => f64::NAN,
        _ => libm::ldexp(1024.0 + fraction, exponent - 25),
    };
    if bits >> 15 == 1 { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        let length = (header.len() as u32).to_le_bytes();
        bytes.extend(if version > 1 { &length[..] } else { &length[..2] });
        [&bytes, header.as_bytes(), data].concat()
    }

    fn refusal(bytes: &[u8]) -> String {
        open(bytes).err().expect("it is refused").to_string()
    }

    #[test]
    fn arrays_of_each_version_are_opened() {
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }\n";
        for version in [1, 2, 3] {
            let bytes = file(version, header, &[7, 8, 9]);
            let array = open(&bytes[..]).unwrap();
            assert_eq!(array.into_vec::<u8>().unwrap(), [7, 8, 9], "version {version}");
        }
    }

    fn texts_file(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
        file(1, &header, data)
    }

    #[test]
    fn one_text_is_read() {
        let array = |kind: &str, shape: &str, data: &[u8]| {
            text(&texts_file(kind, shape, data)[..]).map_err(|error| error.to_string())
        };
        assert_eq!(array("|S4", "(1,)", b"pA\0\0"), Ok("pA".into()));
        assert_eq!(array("|S2", "()", b"nS"), Ok("nS".into()));
        assert_eq!(array("|S2", "(2,)", b"nSpA"), Err("it is not one text".into()));
        assert_eq!(array("<u4", "(1,)", &[0; 4]), Err("it is not one text".into()));
        assert_eq!(array("|S1", "(1,)", &[0xff]), Err("it is not a text in UTF-8".into()));
        assert_eq!(array("|S999999", "(1,)", &[b'x'; 999]).unwrap().len(), 256);
    }

    #[test]
    fn lists_of_texts_are_read() {
        let array = |kind: &str, shape: &str, data: &[u8]| {
            texts(&texts_file(kind, shape, data)[..]).map_err(|error| error.to_string())
        };
        let both = vec!["nS".to_owned(), "p".to_owned()];
        assert_eq!(array("|S2", "(2,)", b"nSp\0"), Ok(both));
        assert_eq!(array("|S2", "(0,)", b""), Ok(Vec::new()));
        let refused = Err("it is no list of short texts".to_owned());
        assert_eq!(array("|S2", "()", b"nS"), refused);
        assert_eq!(array("|S2", "(2, 1)", b"nSpA"), refused);
        assert_eq!(array("<u4", "(1,)", &[0; 4]), refused);
        assert_eq!(array("|S999999", "(1,)", &[b'x'; 999]), refused);
        assert_eq!(array("|S1", "(999999,)", &[b'x'; 999]), refused);
        assert_eq!(array("|S1", "(2,)", &[b'x', 0xff]), Err("it is not a text in UTF-8".into()));
        assert!(array("|S2", "(2,)", b"nSp").is_err());
    }

    /// The columns of a table of two.
    fn columns(kind: &str, fortran: bool, data: &[u8]) -> io::Result<[Vec<f64>; 2]> {
        let order = if fortran { "True" } else { "False" };
        let header =
            format!("{{'descr': '{kind}', 'fortran_order': {order}, 'shape': (2, 2), }}\n");
        Table::open(&file(1, &header, data)[..])?.columns()
    }

    #[test]
    fn every_type_of_numbers_is_read() {
        let floats = [1.5, -2.0, 0.0, 65_504.0];
        let halves = [0x3e00_u16, 0xc000, 0x8000, 0x7bff];
        for (kind, data) in [
            ("<f2", halves.map(u16::to_le_bytes).concat()),
            (">f2", halves.map(u16::to_be_bytes).concat()),
            ("<f4", floats.map(|x| (x as f32).to_le_bytes()).concat()),
            (">f4", floats.map(|x| (x as f32).to_be_bytes()).concat()),
            ("<f8", floats.map(f64::to_le_bytes).concat()),
            (">f8", floats.map(f64::to_be_bytes).concat()),
        ] {
            let expected = [vec![1.5, 0.0], vec![-2.0, 65_504.0]];
            assert_eq!(columns(kind, false, &data).unwrap(), expected, "{kind}");
            let expected = [vec![1.5, -2.0], vec![0.0, 65_504.0]];
            assert_eq!(columns(kind, true, &data).unwrap(), expected, "{kind}");
        }
        let integers = [-3_i64, 2, 1, 7];
        for (kind, data) in [
            ("|i1", integers.map(|x| (x as i8).to_le_bytes()).concat()),
            ("<i2", integers.map(|x| (x as i16).to_le_bytes()).concat()),
            (">i4", integers.map(|x| (x as i32).to_be_bytes()).concat()),
            (">i8", integers.map(i64::to_be_bytes).concat()),
        ] {
            let expected = [vec![-3.0, 1.0], vec![2.0, 7.0]];
            assert_eq!(columns(kind, false, &data).unwrap(), expected, "{kind}");
        }
        let expected = [vec![1.0, 1.0], vec![0.0, 1.0]];
        assert_eq!(columns("|b1", false, &[1, 0, 1, 1]).unwrap(), expected);
        assert_eq!(columns("|u1", false, &[1, 0, 1, 1]).unwrap(), expected);
        for kind in ["<f16", "<c8", "|S4", "<M8[s]"] {
            let error = columns(kind, false, &[0; 64]).unwrap_err().to_string();
            assert!(error.contains("not integers or floats"), "{kind}: {error}");
        }
        let short = columns("<f4", false, &[0; 15]).unwrap_err().to_string();
        assert_eq!(short, "it is shorter than its header says");
    }

    #[test]
    fn halves_are_exact() {
        for (bits, value) in [
            (0x0001, 2.0_f64.powi(-24)),
            (0x03ff, 1023.0 * 2.0_f64.powi(-24)),
            (0x0400, 2.0_f64.powi(-14)),
            (0x3555, 0.333_251_953_125),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            assert_eq!(half(bits), value, "{bits:#06x}");
        }
        assert!(half(0x7e00).is_nan());
    }

    #[test]
    fn headers_that_cost_time_or_memory_are_refused() {
        let nested = format!("{{'descr': '<f7',{}!", "[".repeat(17));
        assert_eq!(refusal(&file(1, &nested, &[])), "its header is not that of an array");
        let many = "{'descr': '|S9223372036854775807', 'fortran_order': False, 'shape': (1,), }";
        assert_eq!(refusal(&file(1, many, &[])), "its header is not that of an array");
        let mut long = file(2, "", &[]);
        long[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(refusal(&long), "its header is too long");
        assert!(open(&b"\x93NUMPY"[..]).is_err());
    }
}
