//! `.npy` arrays from anywhere: the header is looked at before a parser recurses into it.

use npyz::NpyFile;
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
    let mut start = vec![0; 10];
    reader.read_exact(&mut start)?;
    let mut length = usize::from(start[8]) | usize::from(start[9]) << 8;
    // From version 2 on the length has 4 bytes.
    if start[6] > 1 {
        start.extend([0; 2]);
        reader.read_exact(&mut start[10..])?;
        length |= usize::from(start[10]) << 16 | usize::from(start[11]) << 24;
    }
    let wrong = |why| io::Error::new(io::ErrorKind::InvalidData, why);
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
    NpyFile::new(Cursor::new(start).chain(reader))
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
