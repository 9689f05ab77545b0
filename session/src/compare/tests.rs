use super::*;
use crate::fake::{Fake, network, plan};
use std::sync::Arc;

/// Compares fakes; the report and the verdict.
fn compare(fakes: &[Fake], searched: bool) -> (CompareReport, Verdict) {
    let loaded = Loaded { network: Arc::new(network()), plan: plan(), notes: Vec::new() };
    let meter = EnergyMeter::new(isospike_energy::Meters::default());
    let mut monitor = ();
    let mut comparison = Comparison::new(&loaded, searched, meter, &mut monitor);
    for (i, fake) in fakes.iter().enumerate() {
        assert!(comparison.run_on(&format!("fake:{i}"), Box::new(fake.clone())));
    }
    let compared = comparison.finish("m.toml", vec![], &Table::published().unwrap());
    (compared.report, compared.verdict)
}

#[test]
fn equal_backends_are_equal() {
    let (report, verdict) = compare(&[Fake::default(), Fake::default()], true);
    assert_eq!(report.equal, Some(true));
    assert!(matches!(verdict, Verdict::Equal), "{verdict:?}");
    assert_eq!(report.backends[0].equal, None);
    assert_eq!(report.backends[1].equal, Some(true));
    assert_eq!(report.backends[1].digest.as_ref().unwrap().len(), 64);
    assert_eq!(report.populations[0].activity.spikes, 250);
}

#[test]
fn a_difference_is_located() {
    let broken = Fake { fault: Some((437, 1)), ..Fake::default() };
    let (report, verdict) = compare(&[Fake::default(), broken], true);
    assert_eq!(report.equal, Some(false));
    assert!(matches!(verdict, Verdict::Differ), "{verdict:?}");
    let found = &report.differences[0];
    let spike = found.spike.as_ref().unwrap();
    assert_eq!((spike.step, spike.only_in.as_str()), (447, "fake:0"));
    assert_eq!((spike.population.as_str(), spike.neuron), ("list", 0));
    let state = found.state.as_ref().unwrap();
    assert_eq!((state.step, state.neuron, state.variable.as_str()), (437, 1, "v"));
    assert_eq!(state.variables[0].after[0].hex, "0x43db0000");
    assert_eq!(state.variables[0].after[0].told(), "438");
}

#[test]
fn a_state_that_differs_without_a_spike_is_located_too() {
    let broken = Fake { fault: Some((995, 0)), ..Fake::default() };
    let (report, verdict) = compare(&[Fake::default(), broken], true);
    assert!(matches!(verdict, Verdict::Differ), "{verdict:?}");
    assert!(report.differences[0].spike.is_none());
    assert_eq!(report.differences[0].state.as_ref().unwrap().step, 995);
}

#[test]
fn a_count_that_differs_is_a_difference_and_is_named() {
    let miscounting = Fake { miscounts_at: Some(700), ..Fake::default() };
    let (report, verdict) = compare(&[Fake::default(), miscounting], true);
    assert_eq!(report.equal, Some(false));
    assert!(matches!(verdict, Verdict::Differ), "{verdict:?}");
    assert_eq!(report.backends[0].digest, report.backends[1].digest);
    let found = &report.differences[0];
    assert!(found.spike.is_none() && found.state.is_none() && found.note.is_none());
    let counter = found.counter.as_ref().unwrap();
    assert_eq!(counter.counter, "neuron updates of population a");
    assert_eq!(counter.counts, [Some(3000), Some(3001)]);
}

#[test]
fn a_refusal_is_a_failure_only_where_the_backend_was_named() {
    let refusing = Fake { refuses: true, ..Fake::default() };
    let (report, verdict) = compare(&[Fake::default(), refusing.clone()], true);
    assert_eq!(report.equal, None);
    assert!(matches!(verdict, Verdict::Equal), "{verdict:?}");
    assert_eq!(report.backends[1].status, "refused");
    let (_, verdict) = compare(&[Fake::default(), refusing.clone()], false);
    assert!(matches!(verdict, Verdict::Failed(_)), "{verdict:?}");
    let (_, verdict) = compare(&[refusing], true);
    assert!(matches!(verdict, Verdict::Failed(_)), "nothing ran");
}

#[test]
fn a_failure_in_the_middle_is_reported_and_the_others_still_run() {
    let failing = Fake { fails_at: Some(100), ..Fake::default() };
    let (report, verdict) = compare(&[failing, Fake::default(), Fake::default()], true);
    assert_eq!(report.equal, Some(true));
    assert!(matches!(verdict, Verdict::Failed(_)), "{verdict:?}");
    assert_eq!(report.backends[0].status, "failed");
    assert_eq!(report.backends[2].equal, Some(true));
}
