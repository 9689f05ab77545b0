//! From the text of a kernel to a compiled one, through the cache on disk.

use crate::driver::{self, Program, Queue};
use crate::fault::{fault, name};
use isospike_core::device::cache::{Cache, Key};
use isospike_core::device::fault::Fault;
use isospike_core::print::numbered;
use isospike_core::run::backend::BackendError;
use opencl3::error_codes::CL_BUILD_PROGRAM_FAILURE;

/// The tools and the target of compilation.
pub(crate) struct Compiler<'a> {
    pub queue: &'a Queue,
    pub cache: &'a Cache,
    /// Device and driver, in words.
    pub identity: &'a str,
    pub options: &'a str,
}

impl Compiler<'_> {
    /// The kernel `name` of this text, and whether the cache had it.
    pub(crate) fn compile(&self, text: &str, name: &str) -> Result<(driver::Kernel, bool), Fault> {
        let key = Key::new(&["opencl", text, self.options, self.identity]);
        if let Some(binary) = self.cache.get(&key) {
            match self.load(&binary, name) {
                Ok(kernel) => return Ok((kernel, true)),
                // Whatever the driver has against it, the text is right.
                Err(_) => self.cache.remove(&key),
            }
        }
        let program = self.build(text, name)?;
        let kernel = self.queue.kernel(&program, name).map_err(fault)?;
        if let Some(binary) = self.queue.binary(&program) {
            self.cache.put(&key, &binary);
        }
        Ok((kernel, false))
    }

    fn load(&self, binary: &[u8], name: &str) -> Result<driver::Kernel, driver::Code> {
        let program = self.queue.program_from_binary(binary)?;
        self.queue.build(&program, self.options)?;
        self.queue.kernel(&program, name)
    }

    fn build(&self, text: &str, kernel: &str) -> Result<Program, Fault> {
        let program = self.queue.program(text).map_err(fault)?;
        match self.queue.build(&program, self.options) {
            Ok(()) => Ok(program),
            Err(CL_BUILD_PROGRAM_FAILURE) => {
                let log = self.queue.build_log(&program).unwrap_or_else(name);
                let error = BackendError::Kernel(format!(
                    "kernel {kernel} does not compile with {}:\n{}\n{}",
                    self.options,
                    log.trim(),
                    numbered(text)
                ));
                Err(error.into())
            }
            Err(code) => Err(fault(code)),
        }
    }
}
