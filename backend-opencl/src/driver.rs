//! OpenCL's objects, each released when it is dropped. All `unsafe` of this crate stands here.
//!
//! The calls are opencl3's. Its owning types are not used: they panic where a driver refuses to
//! release an object, which the drivers of lost devices do.

use opencl3::command_queue as commands;
use opencl3::context::context;
use opencl3::event::{
    CL_EVENT_COMMAND_EXECUTION_STATUS, get_event_info, release_event, wait_for_events,
};
use opencl3::kernel as kernels;
use opencl3::memory::{CL_MEM_READ_WRITE, create_buffer, release_mem_object};
use opencl3::program as programs;
use opencl3::types::{CL_BLOCKING, cl_device_id, cl_mem};
use std::ffi::{CString, c_void};
use std::ptr;

/// The result of a call that failed: one of the negative numbers of `opencl3::error_codes`.
pub(crate) type Code = i32;

/// A device as its platform names it. Platforms and their devices live as long as the process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeviceId(pub(crate) cl_device_id);

/// A counted reference to an object of the driver.
#[derive(Debug)]
struct Handle {
    raw: *mut c_void,
    release: unsafe fn(*mut c_void) -> Result<(), Code>,
}

// SAFETY: OpenCL may be called from any thread with any object, but for the arguments of a kernel;
// `Kernel::set` takes those exclusively.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}
// SAFETY: as above; it is only a name.
unsafe impl Send for DeviceId {}
// SAFETY: as above.
unsafe impl Sync for DeviceId {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle owns one reference and is not used again. An object that cannot be
        // released belongs to a device that is lost; nobody would read an error.
        _ = unsafe { (self.release)(self.raw) };
    }
}

/// A context of one device and its in-order queue.
#[derive(Debug)]
pub(crate) struct Queue {
    // Released in this order.
    queue: Handle,
    context: Handle,
    device: DeviceId,
}

/// Memory of the device.
#[derive(Debug)]
pub struct Memory(Handle);

/// A program, built or not.
#[derive(Debug)]
pub(crate) struct Program(Handle);

/// A kernel of a program, with the arguments set so far.
#[derive(Debug)]
pub(crate) struct Kernel(Handle);

/// A command in a queue.
#[derive(Debug)]
pub(crate) struct Event(Handle);

impl Queue {
    /// A context for the device, and a queue that runs commands in the order they are given.
    pub(crate) fn open(device: DeviceId) -> Result<Self, Code> {
        let raw = context::create_context(&[device.0], ptr::null(), None, ptr::null_mut())?;
        let context = Handle { raw, release: context::release_context };
        // SAFETY: the context was made for this device. No properties: in order.
        let raw = unsafe { commands::create_command_queue(context.raw, device.0, 0)? };
        Ok(Self {
            queue: Handle { raw, release: commands::release_command_queue },
            context,
            device,
        })
    }

    /// Memory of this many bytes, more than 0. Its content is not defined.
    pub(crate) fn allocate(&self, bytes: usize) -> Result<Memory, Code> {
        // SAFETY: the context is alive, and no host memory is given.
        let raw =
            unsafe { create_buffer(self.context.raw, CL_MEM_READ_WRITE, bytes, ptr::null_mut())? };
        Ok(Memory(Handle { raw, release: release_mem_object }))
    }

    /// Fills the first bytes of memory with zeros; `bytes` is a multiple of 4.
    pub(crate) fn clear(&self, memory: &Memory, bytes: usize) -> Result<Event, Code> {
        let pattern = [0u8; 4];
        // SAFETY: the driver copies the pattern before it returns, and checks the range.
        let raw = unsafe {
            commands::enqueue_fill_buffer(
                self.queue.raw,
                memory.0.raw,
                pattern.as_ptr().cast(),
                pattern.len(),
                0,
                bytes,
                0,
                ptr::null(),
            )?
        };
        Ok(Event(Handle { raw, release: release_event }))
    }

    /// Copies words to memory and waits until they are there.
    pub(crate) fn write(&self, to: &Memory, offset: usize, words: &[u32]) -> Result<(), Code> {
        // SAFETY: the call blocks, so the slice outlives the copy; the driver checks the range.
        let raw = unsafe {
            commands::enqueue_write_buffer(
                self.queue.raw,
                to.0.raw,
                CL_BLOCKING,
                offset,
                size_of_val(words),
                words.as_ptr().cast(),
                0,
                ptr::null(),
            )?
        };
        drop(Event(Handle { raw, release: release_event }));
        Ok(())
    }

    /// Copies words from memory, after all that was queued before.
    pub(crate) fn read(&self, from: &Memory, offset: usize, words: &mut [u32]) -> Result<(), Code> {
        // SAFETY: the call blocks, so the slice outlives the copy; any bits are a word; the driver
        // checks the range.
        let raw = unsafe {
            commands::enqueue_read_buffer(
                self.queue.raw,
                from.0.raw,
                CL_BLOCKING,
                offset,
                size_of_val(words),
                words.as_mut_ptr().cast(),
                0,
                ptr::null(),
            )?
        };
        drop(Event(Handle { raw, release: release_event }));
        Ok(())
    }

    /// Queues a kernel over `threads` threads in groups of `group`.
    ///
    /// # Safety
    /// The kernel comes from the text of a verified one, and all its arguments have been set to
    /// memory of this context that is as long as it was verified for.
    pub(crate) unsafe fn launch(
        &self,
        kernel: &Kernel,
        threads: usize,
        group: usize,
    ) -> Result<Event, Code> {
        // SAFETY: the kernel indexes in range, as the caller promises. The driver keeps the memory
        // of the arguments until the kernel has run.
        let raw = unsafe {
            commands::enqueue_nd_range_kernel(
                self.queue.raw,
                kernel.0.raw,
                1,
                ptr::null(),
                &threads,
                &group,
                0,
                ptr::null(),
            )?
        };
        Ok(Event(Handle { raw, release: release_event }))
    }

    /// Hands what is queued to the device.
    pub(crate) fn flush(&self) -> Result<(), Code> {
        commands::flush(self.queue.raw)
    }

    /// A program from its text.
    pub(crate) fn program(&self, text: &str) -> Result<Program, Code> {
        let raw = programs::create_program_with_source(self.context.raw, &[text])?;
        Ok(Program(Handle { raw, release: programs::release_program }))
    }

    /// A program from what [`Self::binary`] gave for one of this device and driver.
    pub(crate) fn program_from_binary(&self, binary: &[u8]) -> Result<Program, Code> {
        // SAFETY: the context was made for this device. The bytes are whole as the driver wrote
        // them (the cache keeps a digest), and it may still refuse them.
        let raw = unsafe {
            programs::create_program_with_binary(self.context.raw, &[self.device.0], &[binary])?
        };
        Ok(Program(Handle { raw, release: programs::release_program }))
    }

    /// Compiles and links a program.
    pub(crate) fn build(&self, program: &Program, options: &str) -> Result<(), Code> {
        // Options are ours and have no zero in them; none at all would be built as well.
        let options = CString::new(options).unwrap_or_default();
        let devices = [self.device.0];
        programs::build_program(program.0.raw, &devices, &options, None, ptr::null_mut())
    }

    /// Returns the log of the compiler.
    pub(crate) fn build_log(&self, program: &Program) -> Result<String, Code> {
        let what = programs::CL_PROGRAM_BUILD_LOG;
        Ok(programs::get_program_build_info(program.0.raw, self.device.0, what)?.into())
    }

    /// A built program as bytes that this driver takes back; `None` where it has none.
    pub(crate) fn binary(&self, program: &Program) -> Option<Vec<u8>> {
        let all = programs::get_program_info(program.0.raw, programs::CL_PROGRAM_BINARIES).ok()?;
        // One for each device of the context, which has one.
        all.to_vec_vec_uchar().pop().filter(|binary| !binary.is_empty())
    }

    /// A kernel of a built program.
    pub(crate) fn kernel(&self, program: &Program, name: &str) -> Result<Kernel, Code> {
        let name = CString::new(name).unwrap_or_default();
        let raw = kernels::create_kernel(program.0.raw, &name)?;
        Ok(Kernel(Handle { raw, release: kernels::release_kernel }))
    }

    /// The largest group that this kernel can run with, where the driver's answer can be believed:
    /// Mesa 22 answers with the multiple that groups should have.
    pub(crate) fn group_size(&self, kernel: &Kernel) -> Result<Option<usize>, Code> {
        let ask = |what| kernels::get_kernel_work_group_info(kernel.0.raw, self.device.0, what);
        let most = ask(kernels::CL_KERNEL_WORK_GROUP_SIZE)?.to_size();
        let multiple = ask(kernels::CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE)?.to_size();
        Ok(Some(most).filter(|most| *most != multiple))
    }
}

impl Kernel {
    /// Sets an argument. Exclusive, because a driver does not guard a kernel's arguments.
    pub(crate) fn set(&mut self, position: u32, memory: &Memory) -> Result<(), Code> {
        let raw: cl_mem = memory.0.raw;
        // SAFETY: the argument is a buffer, given by a pointer to its handle, which the driver
        // copies; it checks position and size.
        unsafe {
            kernels::set_kernel_arg(
                self.0.raw,
                position,
                size_of::<cl_mem>(),
                (&raw const raw).cast(),
            )
        }
    }
}

impl Event {
    /// Waits until it is done. A failed command gives the code of the failure itself.
    pub(crate) fn wait(&self) -> Result<(), Code> {
        wait_for_events(&[self.0.raw]).map_err(|code| {
            match get_event_info(self.0.raw, CL_EVENT_COMMAND_EXECUTION_STATUS) {
                Ok(status) => Some(status.to_int()).filter(|s| *s < 0).unwrap_or(code),
                Err(_) => code,
            }
        })
    }
}
