//! The interface of a driver of one kind of device below [`Runtime`](super::runtime::Runtime).

use super::Limits;
use super::fault::Fault;
use crate::ir::Guarantees;
use crate::ir::verify::Verified;

/// Device access without checks. [`Runtime`](super::runtime::Runtime) stands above it and checks
/// every call first, once for all kinds of devices. Work happens in the order of the calls.
///
/// # Safety
///
/// Calls that keep the contracts of the unsafe functions touch no memory that they do not name, and
/// a launch touches it only at the indices of the kernel's accesses. A kernel runs as
/// [`Verified::kernel`] states, with the meaning of [`crate::ir::Op`]. Memory and kernels that are
/// dropped stay until the work on them is done.
///
/// # Out of reach of safe code
/// A launch, a write and a read are promises:
/// ```
/// # use isospike_core::device::{fault::Fault, raw::*};
/// fn launch<R: RawDevice>(raw: &mut R, batch: &[RawLaunch<'_, R>]) -> Result<(), Fault> {
///     // SAFETY: there is nothing in it.
///     if batch.is_empty() { unsafe { raw.submit(batch, 1) } } else { Ok(()) }
/// }
/// ```
/// ```compile_fail,E0133
/// # use isospike_core::device::{fault::Fault, raw::*};
/// fn launch<R: RawDevice>(raw: &mut R, batch: &[RawLaunch<'_, R>]) -> Result<(), Fault> {
///     if batch.is_empty() { raw.submit(batch, 1) } else { Ok(()) }
/// }
/// ```
/// A kernel is compiled after it was verified, and only [`Verified::new`] verifies:
/// ```
/// # use isospike_core::{device::raw::*, ir::{Kernel, verify::Verified}};
/// fn compile<R: RawDevice>(raw: &mut R, kernel: &Kernel) -> bool {
///     Verified::new(kernel, &[8]).is_ok_and(|kernel| raw.compile(&kernel).is_ok())
/// }
/// ```
/// ```compile_fail,E0308
/// # use isospike_core::{device::raw::*, ir::{Kernel, verify::Verified}};
/// fn compile<R: RawDevice>(raw: &mut R, kernel: &Kernel) -> bool {
///     raw.compile(kernel).is_ok()
/// }
/// ```
/// ```compile_fail,E0451
/// # use isospike_core::ir::{Kernel, verify::Verified};
/// fn verify(source: Kernel, kernel: Kernel) -> Verified {
///     Verified { source, kernel, words: vec![8] }
/// }
/// ```
pub unsafe trait RawDevice: Send {
    /// A flat array of words on the device.
    type Memory: Send;
    /// A compiled kernel.
    type Kernel: Send;

    /// Returns the arithmetic guarantees of kernels compiled from now on.
    fn guarantees(&self) -> Guarantees;

    /// Returns the limits of the device. The bytes in all change with time; [`Self::free_bytes`]
    /// has them.
    fn limits(&self) -> Limits;

    /// Returns the bytes that are left for buffers, where known.
    fn free_bytes(&self) -> Option<u64>;

    /// Returns the largest number of words of a buffer, which can be more than a binding can have.
    fn buffer_words(&self) -> u64 {
        self.limits().binding_words
    }

    /// Names the contraction guard of kernels compiled from now on: `no-contraction`.
    fn contraction_guard(&self) -> &'static str;

    /// Returns the reason why this contraction guard does not hold here, whatever the self-test
    /// finds.
    fn known_fault(&self) -> Option<&'static str> {
        None
    }

    /// Takes a stronger contraction guard for kernels compiled from now on; false where there is
    /// none.
    fn strengthen(&mut self) -> bool {
        false
    }

    /// Allocates so many words, at least one and at most [`Self::buffer_words`], all 0.
    fn alloc(&mut self, words: u64) -> Result<Self::Memory, Fault>;

    /// Writes words from `offset` on; there is at least one.
    ///
    /// # Safety
    /// The memory is of this device, and has these words.
    unsafe fn write(&mut self, to: &Self::Memory, offset: u64, words: &[u32]) -> Result<(), Fault>;

    /// Reads words from `offset` on, after all work before; there is at least one.
    ///
    /// # Safety
    /// The memory is of this device, and has these words.
    unsafe fn read(
        &mut self,
        from: &Self::Memory,
        offset: u64,
        words: &mut [u32],
    ) -> Result<(), Fault>;

    /// Compiles a kernel within the limits of the device.
    fn compile(&mut self, kernel: &Verified) -> Result<Compiled<Self::Kernel>, Fault>;

    /// Launches the batch `times` times over, in order; each launch reads all that the one before
    /// wrote.
    ///
    /// # Safety
    /// Kernels and memory are of this device. Each launch is within the limits of the device and
    /// names memory for each binding of its kernel, with at least as many words as
    /// [`Verified::words`] has for it; memory that a kernel writes is bound once.
    unsafe fn submit(&mut self, batch: &[RawLaunch<'_, Self>], times: u32) -> Result<(), Fault>;
}

/// The result of compiling a kernel.
#[derive(Debug)]
pub struct Compiled<K> {
    /// The kernel.
    pub kernel: K,
    /// Threads of its largest group, where the driver reports it: registers decide.
    pub most_threads: Option<u32>,
    /// Whether it came from the cache on disk, so that nothing was compiled.
    pub is_from_cache: bool,
}

/// A launch that was checked.
pub struct RawLaunch<'a, R: RawDevice + ?Sized> {
    /// The kernel.
    pub kernel: &'a R::Kernel,
    /// Memory for each binding of the kernel, in order.
    pub memory: Vec<&'a R::Memory>,
    /// The identity of the launch: the numbers of kernel and memory, none of which is used twice,
    /// with the number of groups between them.
    pub ids: Vec<u64>,
    /// The number of groups, at least one.
    pub groups: u32,
    /// Threads of a group.
    pub group_size: u32,
}

impl<R: RawDevice + ?Sized> RawLaunch<'_, R> {
    /// Returns the numbers of the memory.
    pub fn memory_ids(&self) -> &[u64] {
        &self.ids[2..]
    }
}
