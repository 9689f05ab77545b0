use super::Decay;

#[test]
fn a_factor_is_within_2e_7_of_the_exponential_at_any_age() {
    for (tau_ms, dt_ms) in [(5.0, 0.1), (20.0, 0.1), (101.0, 0.1), (1000.0, 0.1), (1e6, 0.1)] {
        let decay = Decay::new(tau_ms, dt_ms);
        let last = (10.0 * tau_ms / dt_ms) as u32;
        let mut worst: f64 = 0.0;
        for steps in (0..last).step_by((last as usize / 100_000).max(1)) {
            let exact = libm::exp(-f64::from(steps) * dt_ms / tau_ms);
            worst = worst.max(libm::fabs(f64::from(decay.factor(steps)) / exact - 1.0));
        }
        assert!(worst < 2.2e-7, "tau = {tau_ms} ms: {worst}");
    }
}

#[test]
fn nothing_is_left_after_a_long_time_and_all_of_it_at_once() {
    let decay = Decay::new(20.0, 0.1);
    assert_eq!(decay.factor(0), 1.0);
    assert_eq!(decay.factor(u32::MAX).to_bits(), 0);
    assert_eq!(decay.apply(3.0, 0), 3.0);
    let short = Decay::new(1e-3, 1.0);
    assert_eq!([short.factor(0), short.factor(1), short.factor(33)], [1.0, 0.0, 0.0]);
}

#[test]
fn no_factor_is_subnormal() {
    let decay = Decay::new(0.72, 1.0);
    for steps in 0..4096 {
        let factor = decay.factor(steps);
        assert!(factor == 0.0 || factor >= f32::from_bits(0x2000_0000), "{steps}: {factor}");
    }
}
