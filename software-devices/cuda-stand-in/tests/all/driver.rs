//! The driver's C interface, called by an unmodified cudarc. The kernels are written here in PTX,
//! so nothing but the stand-in is needed.

use crate::common::driver::in_stand_in;
use cudarc::driver::sys::CUgraphInstantiate_flags as GraphFlags;
use cudarc::driver::sys::CUresult::{self, *};
use cudarc::driver::sys::CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
use cudarc::driver::{
    CudaContext, CudaFunction, CudaSlice, CudaStream, DriverError, LaunchConfig, PushKernelArg,
};
use cudarc::nvrtc::Ptx;
use std::sync::Arc;

/// word[i] = 3 * word[i] + add for i below count.
const TRIPLE: &str = "
.version 8.0
.target sm_75
.address_size 64
.visible .entry triple(.param .u64 words, .param .u32 count, .param .u32 add)
.maxntid 64, 1, 1
{
    .reg .pred %p<2>; .reg .b32 %r<9>; .reg .b64 %rd<5>;
    ld.param.u64 %rd1, [words];
    ld.param.u32 %r1, [count];
    ld.param.u32 %r2, [add];
    mov.u32 %r3, %ctaid.x;
    mov.u32 %r4, %ntid.x;
    mov.u32 %r5, %tid.x;
    mad.lo.s32 %r6, %r3, %r4, %r5;
    setp.ge.u32 %p1, %r6, %r1;
    @%p1 bra $end;
    cvta.to.global.u64 %rd2, %rd1;
    mul.wide.u32 %rd3, %r6, 4;
    add.s64 %rd4, %rd2, %rd3;
    ld.global.u32 %r7, [%rd4];
    mad.lo.s32 %r8, %r7, 3, %r2;
    st.global.u32 [%rd4], %r8;
$end:
    ret;
}";

/// Adds `line` to the kernel.
fn with_line(line: &str) -> String {
    TRIPLE.replace("$end:", &format!("{line}\n$end:"))
}

fn launch_config(threads: u32) -> LaunchConfig {
    LaunchConfig {
        grid_dim: (threads.div_ceil(64), 1, 1),
        block_dim: (64, 1, 1),
        shared_mem_bytes: 0,
    }
}

fn function(context: &Arc<CudaContext>, ptx: &str) -> Result<CudaFunction, DriverError> {
    context.load_module(Ptx::from_src(ptx))?.load_function("triple")
}

fn triple(
    stream: &Arc<CudaStream>,
    function: &CudaFunction,
    words: &mut CudaSlice<u32>,
    count: u32,
) -> Result<(), DriverError> {
    let mut launch = stream.launch_builder(function);
    launch.arg(words).arg(&count).arg(&5u32);
    // SAFETY: the stand-in checks every access.
    unsafe { launch.launch(launch_config(count)) }.map(drop)
}

#[track_caller]
fn assert_fails<T>(result: Result<T, DriverError>, code: CUresult) {
    match result {
        Ok(_) => panic!("{code:?} expected"),
        Err(DriverError(found)) => assert_eq!(found, code),
    }
}

#[test]
fn a_device_says_what_it_is() {
    in_stand_in("driver::a_device_says_what_it_is", &[], || {
        assert_eq!(CudaContext::device_count(), Ok(1));
        let context = CudaContext::new(0).unwrap();
        assert_eq!(context.name().unwrap(), "STAND-IN (PTX interpreted on the CPU, not a GPU)");
        assert_eq!(context.compute_capability(), Ok((8, 0)));
        assert_eq!(context.total_mem(), Ok(4 << 30));
        assert_eq!(context.mem_get_info(), Ok((4 << 30, 4 << 30)));
        assert!(!context.has_async_alloc());
        let mut version = 0;
        // SAFETY: a place for an answer.
        unsafe { cudarc::driver::sys::cuDriverGetVersion(&raw mut version) };
        assert_eq!(version, 13_050);
        assert_fails(CudaContext::new(1), CUDA_ERROR_INVALID_DEVICE);
    });
}

#[test]
fn the_environment_makes_devices() {
    let settings = [
        ("CUDA_STAND_IN_DEVICES", "2"),
        ("CUDA_STAND_IN_SM", "120"),
        ("CUDA_STAND_IN_MEMORY_BYTES", "1000"),
    ];
    in_stand_in("driver::the_environment_makes_devices", &settings, || {
        assert_eq!(CudaContext::device_count(), Ok(2));
        let second = CudaContext::new(1).unwrap();
        assert!(second.name().unwrap().ends_with("not a GPU) #1"));
        assert_ne!(
            second.uuid().unwrap().bytes,
            CudaContext::new(0).unwrap().uuid().unwrap().bytes
        );
        assert_eq!(second.compute_capability(), Ok((12, 0)));
        let stream = second.default_stream();
        let first = stream.alloc_zeros::<u8>(600).unwrap();
        assert_eq!(second.mem_get_info(), Ok((400, 1000)));
        assert_fails(stream.alloc_zeros::<u8>(401), CUDA_ERROR_OUT_OF_MEMORY);
        drop(first);
        assert_eq!(second.mem_get_info(), Ok((1000, 1000)));
    });
}

#[test]
fn no_device_is_an_error() {
    in_stand_in("driver::no_device_is_an_error", &[("CUDA_STAND_IN_DEVICES", "0")], || {
        assert_fails(CudaContext::new(0), CUDA_ERROR_NO_DEVICE);
    });
}

#[test]
fn a_setting_without_meaning_is_an_error() {
    let name = "driver::a_setting_without_meaning_is_an_error";
    let text = in_stand_in(name, &[("CUDA_STAND_IN_SM", "eighty")], || {
        assert_fails(CudaContext::new(0), CUDA_ERROR_INVALID_VALUE);
    });
    assert_says(text, "CUDA STAND-IN: CUDA_STAND_IN_SM is `eighty`");
}

#[test]
fn words_go_there_and_back() {
    in_stand_in("driver::words_go_there_and_back", &[], || {
        let context = CudaContext::new(0).unwrap();
        let stream = context.new_stream().unwrap();
        let function = function(&context, TRIPLE).unwrap();
        assert_eq!(function.max_threads_per_block(), Ok(64));
        let mut words = stream.clone_htod(&(0..1000).collect::<Vec<u32>>()).unwrap();
        triple(&stream, &function, &mut words, 999).unwrap();
        let copy = stream.clone_dtod(&words).unwrap();
        stream.memset_zeros(&mut words).unwrap();
        stream.synchronize().unwrap();
        assert_eq!(stream.clone_dtoh(&words).unwrap(), [0; 1000]);
        let mut expected: Vec<u32> = (0..999).map(|i| 3 * i + 5).collect();
        expected.push(999);
        assert_eq!(stream.clone_dtoh(&copy).unwrap(), expected);
        // SAFETY: any words will do.
        let fresh = unsafe { stream.alloc::<u32>(2) }.unwrap();
        assert_eq!(stream.clone_dtoh(&fresh).unwrap(), [0xcdcd_cdcd; 2]);
    });
}

#[test]
fn a_captured_stream_becomes_a_graph() {
    in_stand_in("driver::a_captured_stream_becomes_a_graph", &[], || {
        let context = CudaContext::new(0).unwrap();
        // SAFETY: one stream does everything.
        unsafe { context.disable_event_tracking() };
        let stream = context.new_stream().unwrap();
        let function = function(&context, TRIPLE).unwrap();
        let mut words = stream.clone_htod(&[1u32, 2]).unwrap();
        assert_fails(
            context.default_stream().begin_capture(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
            CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
        );
        stream.begin_capture(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL).unwrap();
        triple(&stream, &function, &mut words, 2).unwrap();
        triple(&stream, &function, &mut words, 2).unwrap();
        let graph = stream.end_capture(GraphFlags(0)).unwrap().unwrap();
        assert_eq!(stream.clone_dtoh(&words).unwrap(), [1, 2], "a capture does nothing");
        graph.upload().unwrap();
        graph.launch().unwrap();
        graph.launch().unwrap();
        let four_times = |x| (0..4).fold(x, |x, _| 3 * x + 5);
        assert_eq!(stream.clone_dtoh(&words).unwrap(), [four_times(1), four_times(2)]);

        stream.begin_capture(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL).unwrap();
        assert_fails(stream.synchronize(), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
        assert_fails(stream.end_capture(GraphFlags(0)), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
        stream.synchronize().unwrap();
    });
}

#[test]
fn events_tell_the_time() {
    in_stand_in("driver::events_tell_the_time", &[], || {
        use cudarc::driver::sys::CUevent_flags::CU_EVENT_DEFAULT;
        let context = CudaContext::new(0).unwrap();
        let stream = context.new_stream().unwrap();
        let start = stream.record_event(Some(CU_EVENT_DEFAULT)).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2));
        let end = stream.record_event(Some(CU_EVENT_DEFAULT)).unwrap();
        assert!(end.is_complete());
        assert!(start.elapsed_ms(&end).unwrap() >= 2.0);
        let silent = stream.record_event(None).unwrap();
        assert_fails(start.elapsed_ms(&silent), CUDA_ERROR_INVALID_HANDLE);
        stream.wait(&end).unwrap();
    });
}

#[test]
fn a_launch_can_be_told_to_fail() {
    let name = "driver::a_launch_can_be_told_to_fail";
    let text = in_stand_in(name, &[("CUDA_STAND_IN_FAIL_LAUNCH", "2")], || {
        let context = CudaContext::new(0).unwrap();
        let stream = context.new_stream().unwrap();
        let function = function(&context, TRIPLE).unwrap();
        let mut words = stream.clone_htod(&[1u32, 2]).unwrap();
        triple(&stream, &function, &mut words, 2).unwrap();
        stream.synchronize().unwrap();
        triple(&stream, &function, &mut words, 2).unwrap();
        for _ in 0..2 {
            assert_fails(stream.synchronize(), CUDA_ERROR_LAUNCH_FAILED);
        }
    });
    assert_says(text, "CUDA STAND-IN: launch 2, of `triple`, fails as it was told to");
}

#[test]
fn an_access_past_the_end_takes_the_device() {
    let name = "driver::an_access_past_the_end_takes_the_device";
    let text = in_stand_in(name, &[], || {
        let context = CudaContext::new(0).unwrap();
        let stream = context.new_stream().unwrap();
        let function = function(&context, TRIPLE).unwrap();
        let mut words = stream.clone_htod(&[1u32; 70]).unwrap();
        triple(&stream, &function, &mut words, 71).unwrap();
        assert_fails(stream.synchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
        assert_fails(stream.clone_dtoh(&words), CUDA_ERROR_ILLEGAL_ADDRESS);
    });
    assert_says(text, "kernel `triple`, PTX line 21, thread 6 of block 1: nothing at address 0x");
}

#[test]
fn a_race_is_found() {
    let switch = [("CUDA_STAND_IN_RACES", "1")];
    let text = in_stand_in("driver::a_race_is_found", &switch, || {
        let context = CudaContext::new(0).unwrap();
        let stream = context.new_stream().unwrap();
        // All threads at word 0.
        let ptx = TRIPLE.replace("mul.wide.u32 %rd3, %r6, 4", "mul.wide.u32 %rd3, %r6, 0");
        let function = function(&context, &ptx).unwrap();
        let mut words = stream.clone_htod(&[1u32; 70]).unwrap();
        triple(&stream, &function, &mut words, 70).unwrap();
        assert_fails(stream.synchronize(), CUDA_ERROR_LAUNCH_FAILED);
    });
    assert_says(text, "thread 0 of block 0: race with thread 1 of block 0 at address 0x");
}

#[test]
fn what_is_not_known_is_refused() {
    let text = in_stand_in("driver::what_is_not_known_is_refused", &[], || {
        let context = CudaContext::new(0).unwrap();
        let refused = |line| {
            assert_fails(function(&context, &with_line(line)), CUDA_ERROR_INVALID_PTX);
        };
        refused("shfl.sync.down.b32 %r1|%p1, %r2, 1, 31, -1;");
        refused("fma.rn.f32 %r1, %r2, %r2, %r2;");
        refused("mul.f32 %r1, %r2, %r2;");
        refused("add.rn.ftz.f32 %r1, %r2, %r2;");
        refused("ex2.approx.f32 %r1, %r2;");
        refused("add.s32 %r1, %r2, %r9;");
        refused("add.s32 %r1, %r2;");
        refused("bra $nowhere;");
        refused(".local .align 4 .b8 depot[16];");
        let newer = TRIPLE.replace("sm_75", "sm_90");
        assert_fails(function(&context, &newer), CUDA_ERROR_INVALID_PTX);
        assert_fails(function(&context, "\u{7f}ELF"), CUDA_ERROR_NO_BINARY_FOR_GPU);
    });
    assert_says(text.clone(), "PTX line 24: `shfl.sync.down.b32` is not implemented here");
    assert_says(text, "PTX line 24: `mul.f32` does not fix its bits");
}

#[test]
fn ptx_must_not_be_newer_than_the_driver() {
    let name = "driver::ptx_must_not_be_newer_than_the_driver";
    let text = in_stand_in(name, &[("CUDA_STAND_IN_DRIVER", "12040")], || {
        let context = CudaContext::new(0).unwrap();
        let of_version = |version| {
            function(&context, &TRIPLE.replace(".version 8.0", &format!(".version {version}")))
        };
        of_version("8.4").unwrap();
        assert_fails(of_version("8.5"), CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
    });
    assert_says(text, "version 8.5 is newer than 8.4, the newest that driver 12040 reads");
}

#[test]
fn errors_have_names() {
    in_stand_in("driver::errors_have_names", &[], || {
        let error = CudaContext::new(7).unwrap_err();
        assert_eq!(error.error_name().unwrap(), c"CUDA_ERROR_INVALID_DEVICE");
        assert!(error.to_string().contains("there is no device of this number"), "{error}");
    });
}

#[track_caller]
fn assert_says(text: Option<String>, what: &str) {
    if let Some(text) = text {
        assert!(text.contains(what), "no `{what}` in:\n{text}");
    }
}
