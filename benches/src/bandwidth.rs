//! How fast this machine moves bytes, measured: STREAM's loops over arrays larger than all caches,
//! and two of them over arrays of any size, for networks that live in a cache.
//!
//! Every thread has arrays of its own and goes through them until all have done [`TIME`]; the best
//! of [`ROUNDS`] rounds counts, in bytes that the loop names (a write is not counted twice for the
//! line that some processors read first). Loops are compiled for AVX-512, AVX2 and less, and the
//! machine's best is taken.

use multiversion::multiversion;
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// How long a round goes on at least.
const TIME: Duration = Duration::from_millis(20);

/// Rounds of which the best counts.
const ROUNDS: u32 = 5;

/// Bytes of each array of [`Memory`] that no cache holds, where the system reports no larger one.
const BEYOND_CACHES: u64 = 128 << 20;

/// STREAM's loops over memory beyond the caches, bytes per second of all threads together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// Threads.
    pub threads: usize,
    /// Bytes of each array, of all threads together: four times the largest cache, at least 128
    /// MiB.
    pub array_bytes: u64,
    /// `sum += a[i]`: 4 bytes each turn.
    pub read: f64,
    /// `b[i] = a[i]`: 8 bytes.
    pub copy: f64,
    /// `c[i] = a[i] + s * b[i]`: 12 bytes.
    pub triad: f64,
}

impl Memory {
    /// Measures with so many threads; takes half a second.
    pub fn measure(threads: usize) -> Self {
        let array_bytes = (4 * largest_cache_bytes()).max(BEYOND_CACHES);
        let floats = floats_of(array_bytes, threads);
        Self {
            threads: threads.max(1),
            array_bytes,
            read: rate(threads, || vec![1.0; floats], 4 * floats, |a| sum(a)),
            copy: rate(threads, || pair(floats), 8 * floats, |(a, b)| copy(a, b)),
            triad: rate(
                threads,
                || (pair(floats), vec![0.0; floats]),
                12 * floats,
                |((a, b), c)| triad(a, b, c),
            ),
        }
    }
}

/// Bytes per second of all threads that read `bytes` of memory, shared out among them, again and
/// again.
pub fn read(bytes: u64, threads: usize) -> f64 {
    let floats = floats_of(bytes, threads);
    rate(threads, || vec![1.0; floats], 4 * floats, |a| sum(a))
}

/// Bytes per second, read and written ones added, of all threads that change `bytes` of memory in
/// place, shared out among them, again and again.
pub fn update(bytes: u64, threads: usize) -> f64 {
    let floats = floats_of(bytes, threads);
    rate(threads, || vec![1.0; floats], 8 * floats, |a| change(a))
}

/// How many floats are one thread's part, at least a line of a cache.
fn floats_of(bytes: u64, threads: usize) -> usize {
    (bytes as usize / 4 / threads.max(1)).max(16)
}

fn pair(floats: usize) -> (Vec<f32>, Vec<f32>) {
    (vec![1.0; floats], vec![2.0; floats])
}

/// Bytes per second of the best round of all threads: each makes its arrays once and runs the loop,
/// which moves `bytes`, until [`TIME`] is over.
fn rate<T>(
    threads: usize,
    arrays: impl Fn() -> T + Sync,
    bytes: usize,
    run: impl Fn(&mut T) -> f32 + Sync,
) -> f64 {
    let threads = threads.max(1);
    let barrier = Barrier::new(threads);
    let worker = || {
        let mut mine = arrays();
        let mut rates = Vec::new();
        for _ in 0..ROUNDS {
            barrier.wait();
            let start = Instant::now();
            let mut turns = 0_u32;
            while turns == 0 || start.elapsed() < TIME {
                // Small arrays many times, so that the clock costs nothing.
                for _ in 0..(1 << 16) / bytes.max(1) + 1 {
                    std::hint::black_box(run(&mut mine));
                    turns += 1;
                }
            }
            rates.push(f64::from(turns) * bytes as f64 / start.elapsed().as_secs_f64());
        }
        rates
    };
    let all: Vec<Vec<f64>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let join = |worker: std::thread::ScopedJoinHandle<'_, Vec<f64>>| match worker.join() {
            Ok(rates) => rates,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        workers.into_iter().map(join).collect()
    });
    let round = |n: usize| all.iter().map(|rates| rates[n]).sum::<f64>();
    (0..ROUNDS as usize).map(round).fold(0.0, f64::max)
}

/// The largest cache that Linux reports, 0 elsewhere.
fn largest_cache_bytes() -> u64 {
    let size = |index: u32| {
        let path = format!("/sys/devices/system/cpu/cpu0/cache/index{index}/size");
        let text = std::fs::read_to_string(path).ok()?;
        let kib: u64 = text.trim().strip_suffix('K')?.parse().ok()?;
        Some(kib << 10)
    };
    (0..8).filter_map(size).max().unwrap_or(0)
}

/// The sum in 64 parts, so that no addition waits for the one before.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx+avx2"))]
fn sum(a: &[f32]) -> f32 {
    let mut parts = [0.0_f32; 64];
    for chunk in a.chunks_exact(64) {
        for (part, x) in parts.iter_mut().zip(chunk) {
            *part += x;
        }
    }
    let rest: f32 = a.chunks_exact(64).remainder().iter().sum();
    parts.iter().sum::<f32>() + rest
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx+avx2"))]
fn copy(a: &[f32], b: &mut [f32]) -> f32 {
    b.copy_from_slice(a);
    b[0]
}

#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx+avx2"))]
fn triad(a: &[f32], b: &[f32], c: &mut [f32]) -> f32 {
    for ((a, b), c) in a.iter().zip(b).zip(c.iter_mut()) {
        *c = a + 3.0 * b;
    }
    c[0]
}

/// Stays at 1, so that no value becomes subnormal or infinite.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx+avx2"))]
fn change(a: &mut [f32]) -> f32 {
    for x in a.iter_mut() {
        *x = *x * 0.5 + 0.5;
    }
    a[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_do_what_they_say() {
        let a: Vec<f32> = (0..100).map(|i| i as f32).collect();
        assert_eq!(sum(&a), 4950.0);
        let mut b = vec![0.0; 100];
        assert_eq!(copy(&a[1..], &mut b[1..]), 0.0 + 1.0);
        assert_eq!(b[99], 99.0);
        let mut c = vec![0.0; 100];
        triad(&a, &b, &mut c);
        assert_eq!(c[10], 40.0);
        change(&mut c);
        assert_eq!(c[10], 20.5);
    }

    #[test]
    fn a_small_array_is_not_slower_than_a_large_one_by_far() {
        // No figure can be asserted on a shared machine; that they are figures can.
        for bytes in [1 << 12, 1 << 20] {
            assert!(read(bytes, 2) > 1e6 && read(bytes, 2).is_finite());
            assert!(update(bytes, 1) > 1e6 && update(bytes, 1).is_finite());
        }
    }
}
