//! Pointers from the other side of the C interface.
//!
//! The driver API's manual says what each of them must be; a caller that breaks that contract
//! breaks it with a real driver too. These types exist only as arguments of exported functions,
//! which are unsafe to call, so their methods can rely on the contract.

use super::Status;
use crate::ptx::Parameter;
use std::ffi::{CStr, c_char, c_void};

/// A place for an answer.
#[repr(transparent)]
pub struct Out<T>(*mut T);

/// A place for a text of a given size.
#[repr(transparent)]
pub struct OutText(*mut c_char);

/// A text that ends with a zero.
#[repr(transparent)]
pub struct Text(*const c_char);

/// Host memory without its length.
#[repr(transparent)]
pub struct Host(*mut c_void);

/// The addresses of a kernel's arguments.
#[repr(transparent)]
pub struct Arguments(*const *const c_void);

/// Host memory that a copy reads or writes; a graph may do so long after it was made.
#[derive(Clone, Debug)]
pub struct HostRange {
    start: *mut u8,
    bytes: usize,
}

// SAFETY: the host promises that the memory stays valid, and that no other thread uses it, from
// when a copy is submitted (or its graph launched) to when it is done.
unsafe impl Send for HostRange {}

// SAFETY: nothing is read or written through a shared reference but under the driver's lock.
unsafe impl Sync for HostRange {}

impl<T> Out<T> {
    /// Gives the answer; a null pointer cannot take it.
    pub fn put(self, value: T) -> Result<(), Status> {
        if self.0.is_null() {
            return Err(Status::CUDA_ERROR_INVALID_VALUE);
        }
        // SAFETY: not null, so by contract a valid place for a `T`.
        unsafe { self.0.write(value) };
        Ok(())
    }
}

impl OutText {
    /// Gives as much of a text as fits into `size` bytes with the zero at its end.
    pub fn put(self, text: &str, size: usize) -> Result<(), Status> {
        if self.0.is_null() || size == 0 {
            return Err(Status::CUDA_ERROR_INVALID_VALUE);
        }
        let length = text.len().min(size - 1);
        // SAFETY: not null, so by contract `size` bytes can be written there.
        unsafe {
            std::ptr::copy_nonoverlapping(text.as_ptr(), self.0.cast(), length);
            self.0.add(length).write(0);
        }
        Ok(())
    }
}

impl Text {
    /// The bytes before the zero.
    pub fn bytes(&self) -> Result<&[u8], Status> {
        if self.0.is_null() {
            return Err(Status::CUDA_ERROR_INVALID_VALUE);
        }
        // SAFETY: not null, so by contract a text with a zero at its end, valid during the call.
        Ok(unsafe { CStr::from_ptr(self.0) }.to_bytes())
    }
}

impl Host {
    /// The start of `memory`.
    pub fn start_of(memory: &mut [u64]) -> Self {
        Self(memory.as_mut_ptr().cast())
    }

    /// Its address as a number.
    pub fn address(&self) -> usize {
        self.0.addr()
    }

    /// This memory with its length.
    pub fn range(self, bytes: usize) -> Result<HostRange, Status> {
        if self.0.is_null() && bytes > 0 {
            return Err(Status::CUDA_ERROR_INVALID_VALUE);
        }
        Ok(HostRange { start: self.0.cast(), bytes })
    }
}

impl HostRange {
    /// Its length.
    pub fn bytes(&self) -> u64 {
        self.bytes as u64
    }

    /// Looks at its bytes.
    pub fn read<T>(&self, look: impl FnOnce(&[u8]) -> T) -> T {
        if self.bytes == 0 {
            return look(&[]);
        }
        // SAFETY: not null where there are bytes, so by contract readable until the copy is done.
        look(unsafe { std::slice::from_raw_parts(self.start, self.bytes) })
    }

    /// Changes its bytes.
    pub fn write<T>(&self, change: impl FnOnce(&mut [u8]) -> T) -> T {
        if self.bytes == 0 {
            return change(&mut []);
        }
        // SAFETY: not null where there are bytes, so by contract writable until the copy is done,
        // and nobody else's until then.
        change(unsafe { std::slice::from_raw_parts_mut(self.start, self.bytes) })
    }
}

impl Arguments {
    /// The bytes of all arguments, each at the place of its parameter.
    pub fn collect(self, parameters: &[Parameter], bytes: usize) -> Result<Vec<u8>, Status> {
        let mut collected = vec![0; bytes];
        if self.0.is_null() && !parameters.is_empty() {
            return Err(Status::CUDA_ERROR_INVALID_VALUE);
        }
        for (position, parameter) in parameters.iter().enumerate() {
            // SAFETY: not null, so by contract one address for each parameter of the kernel.
            let argument = unsafe { self.0.add(position).read() };
            if argument.is_null() {
                return Err(Status::CUDA_ERROR_INVALID_VALUE);
            }
            let to = &mut collected[parameter.offset..][..parameter.bytes];
            // SAFETY: not null, so by contract an argument of the parameter's size.
            unsafe {
                std::ptr::copy_nonoverlapping(argument.cast(), to.as_mut_ptr(), parameter.bytes);
            }
        }
        Ok(collected)
    }
}
