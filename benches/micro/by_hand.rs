//! `lif_exp` by hand: the same arithmetic, the same stores, one bit for each spike.

use criterion::{Criterion, Throughput};
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Vector([u32; 16]);

struct Neurons {
    v: Vec<Vector>,
    current: Vec<Vector>,
    refractory: Vec<Vector>,
    input: Vec<Vector>,
    masks: Vec<u16>,
}

#[target_feature(enable = "avx512f,avx512dq")]
fn update(n: &mut Neurons) {
    let k = |x: f32| _mm512_set1_ps(x);
    let (decay, gain, drive, decay_i) = (k(0.99), k(0.0004), k(0.1), k(0.82));
    let (threshold, reset, scale) = (k(-50.0), k(-65.0), k(1.0 / 1024.0));
    let (zero, one, period) = (_mm512_setzero_si512(), _mm512_set1_epi32(1), _mm512_set1_epi32(20));
    let kept = _mm512_set1_epi32(0x6000_0000);
    let flush = |x: __m512| {
        let bits = _mm512_castps_si512(x);
        _mm512_maskz_mov_epi32(_mm512_test_epi32_mask(bits, kept), bits)
    };
    let all = n.v.iter_mut().zip(&mut n.current).zip(&mut n.refractory).zip(&mut n.input);
    for ((((v, current), refractory), input), mask) in all.zip(&mut n.masks) {
        let (v_old, i_old) = (_mm512_castsi512_ps(load(v)), _mm512_castsi512_ps(load(current)));
        let count = load(refractory);
        let resting = _mm512_cmplt_epi32_mask(zero, count);
        let free = _mm512_add_ps(_mm512_mul_ps(v_old, decay), _mm512_mul_ps(i_old, gain));
        let free = _mm512_add_ps(free, drive);
        let v_new = _mm512_mask_blend_ps(resting, free, v_old);
        let spike = _mm512_cmple_ps_mask(threshold, v_new) & !resting;
        let v_new = _mm512_mask_blend_ps(spike, v_new, reset);
        let sum = _mm512_mul_ps(_mm512_cvtepi32_ps(load(input)), scale);
        let i_new = _mm512_add_ps(_mm512_mul_ps(i_old, decay_i), sum);
        let less = _mm512_maskz_sub_epi32(resting, count, one);
        store(v, flush(v_new));
        store(current, flush(i_new));
        store(refractory, _mm512_mask_blend_epi32(spike, less, period));
        store(input, zero);
        *mask = spike;
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(from: &Vector) -> __m512i {
    // SAFETY: 64 bytes, aligned.
    unsafe { _mm512_load_si512(std::ptr::from_ref(from).cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(to: &mut Vector, x: __m512i) {
    // SAFETY: as in `load`.
    unsafe { _mm512_store_si512(std::ptr::from_mut(to).cast(), x) }
}

/// Nothing where AVX-512 is missing: then there is nothing to compare with.
pub fn bench(criterion: &mut Criterion, size: u32) {
    if !is_x86_feature_detected!("avx512f") || !is_x86_feature_detected!("avx512dq") {
        return;
    }
    let vectors = size.div_ceil(16) as usize;
    let array = |word: u32| vec![Vector([word; 16]); vectors];
    let v = array((-65.0_f32).to_bits());
    let (current, refractory, input) = (array(0), array(0), array(0));
    let mut neurons = Neurons { v, current, refractory, input, masks: vec![0; vectors] };
    let mut group = criterion.benchmark_group("update/by hand");
    group.throughput(Throughput::Elements(u64::from(size)));
    // SAFETY: the features were found.
    group.bench_function("lif_exp", |bencher| bencher.iter(|| unsafe { update(&mut neurons) }));
    group.finish();
}
