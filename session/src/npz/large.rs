//! Files of more than 4 GiB.

use super::*;
use std::collections::BTreeMap;

/// A file in memory that keeps no zeros.
#[derive(Clone, Default)]
struct Sparse {
    blocks: BTreeMap<u64, Vec<u8>>,
    at: u64,
    length: u64,
}

impl Sparse {
    const BLOCK: usize = 1 << 16;

    /// The block at the present place, the place in it, and how much of so many bytes is there.
    fn place(&self, bytes: usize) -> (u64, usize, usize) {
        let start = self.at as usize % Self::BLOCK;
        (self.at / Self::BLOCK as u64, start, bytes.min(Self::BLOCK - start))
    }
}

impl Write for Sparse {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (number, start, here) = self.place(bytes.len());
        let zero = [0; Self::BLOCK];
        if self.blocks.contains_key(&number) || bytes[..here] != zero[..here] {
            let block = self.blocks.entry(number).or_insert_with(|| zero.to_vec());
            block[start..start + here].copy_from_slice(&bytes[..here]);
        }
        self.at += here as u64;
        self.length = self.length.max(self.at);
        Ok(here)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl io::Read for Sparse {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.length - self.at).unwrap();
        let (number, start, here) = self.place(bytes.len().min(left));
        match self.blocks.get(&number) {
            Some(block) => bytes[..here].copy_from_slice(&block[start..start + here]),
            None => bytes[..here].fill(0),
        }
        self.at += here as u64;
        Ok(here)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.at = match to {
            io::SeekFrom::Start(at) => at,
            io::SeekFrom::End(more) => self.length.checked_add_signed(more).unwrap(),
            io::SeekFrom::Current(more) => self.at.checked_add_signed(more).unwrap(),
        };
        Ok(self.at)
    }
}

/// An array of more than 4 GiB, and one behind it.
#[test]
fn files_beyond_4_gib_come_back() {
    // Never written to, so it takes no memory.
    let mut values = vec![0_f64; (1 << 29) + 5];
    let last = values.len() - 1;
    (values[0], values[last]) = (6.5, 7.5);
    let mut npz = ZipWriter::new(Sparse::default());
    array(&mut npz, "large", &[values.len()], &values).unwrap();
    array(&mut npz, "behind", &[2], &[8.5_f64, 9.5]).unwrap();
    let mut sink = npz.finish().unwrap();
    assert!(sink.length > 4 << 30 && sink.blocks.len() < 10);
    let mut npz = ZipArchive::new(sink.clone()).unwrap();
    let entry = npz.by_name("large.npy").unwrap();
    assert_eq!(entry.size(), 128 + size_of_val(&*values) as u64);
    // The data is stored as it is; to read all of it would take as long as to write it.
    let (first, end) = (entry.data_start() + 128, entry.data_start() + entry.size());
    let mut at = |place| {
        let mut bytes = [0; 8];
        sink.seek(io::SeekFrom::Start(place)).unwrap();
        sink.read_exact(&mut bytes).unwrap();
        f64::from_le_bytes(bytes)
    };
    assert_eq!([at(first), at(first + 8), at(end - 8)], [6.5, 0.0, 7.5]);
    drop(entry);
    // The checksum is looked at where an entry ends.
    let behind = npy::open(npz.by_name("behind.npy").unwrap()).unwrap();
    assert_eq!(behind.into_vec::<f64>().unwrap(), [8.5, 9.5]);
}
