//! CUDA C through the real NVRTC, cudarc and the driver's C interface.

use crate::common::driver::in_stand_in;
use crate::common::nvrtc as compiler;
use cudarc::driver::sys::CUresult::{CUDA_ERROR_INVALID_PTX, CUDA_ERROR_LAUNCH_FAILED};
use cudarc::driver::{CudaContext, DriverError, LaunchConfig, PushKernelArg};

/// Runs `kernel` of a source on `words` and returns what it leaves there.
fn launch(
    source: &str,
    options: &[&str],
    words: &[u32],
    grid: (u32, u32, u32),
    block: (u32, u32, u32),
) -> Result<Vec<u32>, DriverError> {
    let ptx = compiler::compile(source, options).expect("NVRTC compiles the test's kernel");
    let context = CudaContext::new(0)?;
    let stream = context.new_stream()?;
    let function = context.load_module(ptx)?.load_function("kernel")?;
    let mut buffer = stream.clone_htod(words)?;
    let count = words.len() as u32;
    let mut launch = stream.launch_builder(&function);
    launch.arg(&mut buffer).arg(&count);
    let config = LaunchConfig { grid_dim: grid, block_dim: block, shared_mem_bytes: 0 };
    // SAFETY: the stand-in checks every access.
    unsafe { launch.launch(config) }?;
    stream.clone_dtoh(&buffer)
}

const WATCHED: &[(&str, &str)] = &[("CUDA_STAND_IN_RACES", "1")];

#[test]
fn lanes_part_ways_and_meet_again() {
    let source = r#"
        extern "C" __global__ void kernel(unsigned *words, unsigned count) {
            unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
            if (i >= count) return;
            unsigned x = words[i], steps = 0, odd = 0;
            while (x > 1) {
                if (x % 2) { x = 3 * x + 1; ++odd; if (odd == 40) break; }
                else x /= 2;
                if (x == 7) continue;
                ++steps;
            }
            words[i] = steps + (odd << 16);
        }"#;
    fn expected(mut x: u32) -> u32 {
        let (mut steps, mut odd) = (0, 0);
        while x > 1 {
            if x % 2 == 1 {
                x = x.wrapping_mul(3).wrapping_add(1);
                odd += 1;
                if odd == 40 {
                    break;
                }
            } else {
                x /= 2;
            }
            if x != 7 {
                steps += 1;
            }
        }
        steps + (odd << 16)
    }
    if !compiler::has_nvrtc() {
        return;
    }
    in_stand_in("nvrtc::lanes_part_ways_and_meet_again", WATCHED, || {
        let words: Vec<u32> = (0..777).map(|i| i * i * 31 + i).collect();
        let found = launch(source, &[], &words, (7, 1, 1), (128, 1, 1)).unwrap();
        assert_eq!(found, words.iter().map(|&x| expected(x)).collect::<Vec<_>>());
    });
}

/// Sums of blocks in shared memory, in a tree with barriers; the place of a thread in two
/// dimensions; a table in constant memory; atomics.
const SUMS: &str = r#"
    __constant__ unsigned table[4] = {1, 10, 100, 1000};
    extern "C" __global__ void kernel(unsigned *words, unsigned count) {
        __shared__ unsigned part[96];
        unsigned t = threadIdx.y * blockDim.x + threadIdx.x;
        unsigned i = blockIdx.y * 96 + t;
        part[t] = words[2 + i] * table[i % 4];
        for (unsigned half = 48; half >= 3; half /= 2) {
            __syncthreads();
            if (t < half) part[t] += part[t + half];
        }
        __syncthreads();
        if (t == 0) atomicAdd(&words[0], part[0] + part[1] + part[2]);
        if (t == 0) atomicOr(&words[1], 1u << blockIdx.y);
    }"#;

#[test]
fn blocks_share_memory() {
    if !compiler::has_nvrtc() {
        return;
    }
    in_stand_in("nvrtc::blocks_share_memory", WATCHED, || {
        let mut words: Vec<u32> = (0..2 + 4 * 96).map(|i| i * 7 + 3).collect();
        words[..2].fill(0);
        let found = launch(SUMS, &[], &words, (1, 4, 1), (8, 12, 1)).unwrap();
        let table = [1, 10, 100, 1000].into_iter().cycle();
        let sum: u32 = words[2..].iter().zip(table).map(|(word, factor)| word * factor).sum();
        assert_eq!(found[..2], [sum, 15]);
        assert_eq!(found[2..], words[2..]);
    });
}

#[test]
fn a_missing_barrier_is_found() {
    if !compiler::has_nvrtc() {
        return;
    }
    let text = in_stand_in("nvrtc::a_missing_barrier_is_found", WATCHED, || {
        let source = SUMS.replacen("__syncthreads();", "", 1);
        let words = vec![0; 2 + 4 * 96];
        let Err(DriverError(error)) = launch(&source, &[], &words, (1, 4, 1), (8, 12, 1)) else {
            panic!("a race expected");
        };
        assert_eq!(error, CUDA_ERROR_LAUNCH_FAILED);
    });
    if let Some(text) = text {
        assert!(text.contains("race with thread") && text.contains("shared address"), "{text}");
    }
}

/// A product that is added: fused or not, the last bits differ.
const PRODUCT: &str = r#"
    extern "C" __global__ void kernel(unsigned *words, unsigned count) {
        float a = __uint_as_float(words[0]), b = __uint_as_float(words[1]);
        words[2] = __float_as_uint(a * b - 1.0f);
    }"#;

fn product(options: &[&str]) -> Result<u32, DriverError> {
    let (a, b) = (1.000_1_f32, 0.999_9_f32);
    let words = [a.to_bits(), b.to_bits(), 0];
    launch(PRODUCT, options, &words, (1, 1, 1), (1, 1, 1)).map(|words| words[2])
}

#[test]
fn contraction_is_refused() {
    if !compiler::has_nvrtc() {
        return;
    }
    in_stand_in("nvrtc::contraction_is_refused", &[], || {
        assert_eq!(product(&[]).map(f32::from_bits), Ok(1.000_1_f32 * 0.999_9_f32 - 1.0));
        let Err(DriverError(error)) = product(&["--fmad=true"]) else {
            panic!("PTX with fma was accepted");
        };
        assert_eq!(error, CUDA_ERROR_INVALID_PTX);
    });
}

#[test]
fn contraction_changes_bits() {
    if !compiler::has_nvrtc() {
        return;
    }
    in_stand_in("nvrtc::contraction_changes_bits", &[("CUDA_STAND_IN_LENIENT", "1")], || {
        let separate = product(&[]).unwrap();
        let fused = product(&["--fmad=true"]).unwrap();
        assert_ne!(separate, fused);
        assert_eq!(f32::from_bits(fused), 1.000_1_f32.mul_add(0.999_9, -1.0));
    });
}
