//! Results of calls, with the numbers and names of `CUresult`.

use std::ffi::CStr;

macro_rules! statuses {
    ($($name:ident = $number:literal, $text:literal;)+) => {
        /// Why a call failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(non_camel_case_types, missing_docs, reason = "the names of the C interface")]
        pub enum Status { $($name = $number,)+ }

        impl Status {
            /// The name and the meaning of a number; `None` where there is no such error.
            pub fn describe(number: u32) -> Option<(&'static CStr, &'static CStr)> {
                const fn c(text: &'static str) -> &'static CStr {
                    match CStr::from_bytes_with_nul(text.as_bytes()) {
                        Ok(text) => text,
                        Err(_) => panic!("a zero inside a name"),
                    }
                }
                Some(match number {
                    0 => (c"CUDA_SUCCESS", c"no error"),
                    $($number => const { (
                        c(concat!(stringify!($name), "\0")),
                        c(concat!($text, " (CUDA stand-in)\0")),
                    ) },)+
                    _ => return None,
                })
            }
        }
    };
}

statuses! {
    CUDA_ERROR_INVALID_VALUE = 1, "an argument is outside of what is accepted";
    CUDA_ERROR_OUT_OF_MEMORY = 2, "not enough memory";
    CUDA_ERROR_NOT_INITIALIZED = 3, "cuInit was not called, or failed";
    CUDA_ERROR_NO_DEVICE = 100, "there is no device";
    CUDA_ERROR_INVALID_DEVICE = 101, "there is no device of this number";
    CUDA_ERROR_INVALID_CONTEXT = 201, "no context is current, or it has ended";
    CUDA_ERROR_NO_BINARY_FOR_GPU = 209, "the module holds no code for this device";
    CUDA_ERROR_INVALID_PTX = 218, "the PTX text was refused";
    CUDA_ERROR_UNSUPPORTED_PTX_VERSION = 222, "the PTX text is newer than the driver";
    CUDA_ERROR_FILE_NOT_FOUND = 301, "there is no such file";
    CUDA_ERROR_INVALID_HANDLE = 400, "a handle is not valid";
    CUDA_ERROR_NOT_FOUND = 500, "there is no such symbol";
    CUDA_ERROR_ILLEGAL_ADDRESS = 700, "a kernel touched memory that is not there";
    CUDA_ERROR_MISALIGNED_ADDRESS = 716, "a kernel used a misaligned address";
    CUDA_ERROR_LAUNCH_FAILED = 719, "a kernel failed";
    CUDA_ERROR_NOT_SUPPORTED = 801, "this is not supported";
    CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED = 900, "not allowed while a stream is captured";
    CUDA_ERROR_STREAM_CAPTURE_INVALIDATED = 901, "the capture was made invalid";
    CUDA_ERROR_STREAM_CAPTURE_ISOLATION = 905, "an event from outside of the capture";
    CUDA_ERROR_CAPTURED_EVENT = 907, "the event was recorded in a capture";
}
