//! The parts of a delay around a synapse (`docs/semantics.md` 8.21, 8.22).

use super::models::{self, STDP};
use super::{Network, arrived, compile, weights};
use isospike_core::describe::synapse::Synapse;
use isospike_core::plan::Plan;
use isospike_core::plan::synapse::SynapsePart;
use isospike_core::run::checkpoint::Checkpoint;
use isospike_core::run::record::Recording;

fn around(synapse: Synapse, dendritic_steps: u32, back_steps: u32) -> Synapse {
    Synapse { dendritic_steps, back_steps, ..synapse }
}

/// The change of the weight by a pair of spikes, the target's `later` steps after the source's.
fn change(later: i32, delay: u32, (dendritic, back): (u32, u32)) -> f64 {
    let pre = [(400, 0)];
    let post = [((400 + later) as u32, 0)];
    let synapse = around(models::stdp(1.0), dendritic, back);
    let plan = Network::pair(&pre, &post, synapse, (0.5, delay)).plan();
    let mut simulation = compile(&plan);
    simulation.run(800, &mut Recording::new(&plan)).unwrap();
    f64::from(weights(&plan, simulation.as_mut())[0]) - 0.5
}

/// The window of spike times shifts by the delay up to the synapse less that back to it.
#[test]
fn the_window_shifts_by_the_difference_of_the_delays() {
    let [tau_plus, tau_minus, a_plus, a_minus] = STDP;
    for (delay, dendritic, back) in [(10, 0, 0), (10, 9, 9), (10, 3, 0), (10, 3, 7), (1, 0, 30)] {
        for later in [-120, -31, -11, -10, -9, -7, -1, 0, 1, 3, 7, 8, 9, 10, 11, 35, 140] {
            let shift = (delay - dendritic) as i32 - back as i32;
            let apart = later - shift;
            let expected = match apart {
                0 => 0.0,
                1.. => a_plus * libm::exp(-0.1 * f64::from(apart) / tau_plus),
                _ => -a_minus * libm::exp(0.1 * f64::from(apart) / tau_minus),
            };
            let found = change(later, delay, (dendritic, back));
            assert!(
                (found - expected).abs() < 1e-7,
                "{later} steps, delays {:?}: {found}, not {expected}",
                (delay, dendritic, back)
            );
        }
    }
}

/// The steps in which something arrives, in a run that is cut before these.
fn arrivals(plan: &Plan, cuts: &[u32]) -> Vec<(u32, f32)> {
    let mut all = Vec::new();
    let mut simulation = compile(plan);
    let mut record = Recording::new(plan);
    for step in 0..20 {
        if cuts.contains(&step) {
            let checkpoint = Checkpoint::take(plan, simulation.as_mut(), &record).unwrap();
            simulation = compile(plan);
            simulation.restore(&checkpoint).unwrap();
        }
        simulation.run(1, &mut record).unwrap();
        let sum = arrived(plan, simulation.as_mut())[0];
        if sum != 0.0 {
            all.push((step, sum));
        }
    }
    all
}

/// The weight that a pre event sends arrives one delay after the spike, as it was then.
#[test]
fn what_is_sent_arrives_after_the_whole_delay() {
    let pre = [(2, 0), (4, 0)];
    // The second spike of the target is back between the pre event and the arrival.
    let post = [(3, 0), (10, 0)];
    let with = |dendritic, back| {
        let synapse = around(models::stdp(1.0), dendritic, back);
        Network::pair(&pre, &post, synapse, (0.5, 7)).plan()
    };
    for dendritic in [0, 1, 3, 6] {
        let plan = with(dendritic, 2);
        let blocks = plan.synapse_blocks();
        let sent = blocks.iter().filter(|block| matches!(block.part, SynapsePart::Sent(..)));
        assert_eq!(sent.count(), dendritic as usize);
        let whole = arrivals(&plan, &[]);
        assert_eq!(whole.iter().map(|arrival| arrival.0).collect::<Vec<_>>(), [9, 11]);
        let every: Vec<u32> = (0..20).collect();
        for cuts in [&every[..], &[6], &[9], &[10]] {
            assert_eq!(arrivals(&plan, cuts), whole, "{dendritic} steps behind, cut at {cuts:?}");
        }
    }
}

/// A clocked block sends after its step, so that nothing of it arrives before the next one.
#[test]
fn what_a_clocked_block_sends_arrives_in_the_next_step_or_behind_the_synapse() {
    let (pre, post) = ([(2, 0)], [(3, 0), (10, 0)]);
    for (dendritic, steps) in [(0, [4, 8, 12, 16]), (1, [4, 8, 12, 16]), (3, [6, 10, 14, 18])] {
        for at_spikes in [false, true] {
            let synapse = around(models::sending_without_spikes(4, at_spikes), dendritic, 0);
            let plan = Network::pair(&pre, &post, synapse, (0.5, 7)).plan();
            let blocks = plan.synapse_blocks();
            let sent = blocks.iter().filter(|block| matches!(block.part, SynapsePart::Sent(..)));
            assert_eq!(sent.count(), dendritic.max(1) as usize);
            let mut expected = steps.map(|step| (step, 0.25)).to_vec();
            if at_spikes {
                expected.push((9, 0.5));
                expected.sort_by_key(|arrival| arrival.0);
            }
            let whole = arrivals(&plan, &[]);
            assert_eq!(whole, expected, "{dendritic} steps behind");
            let every: Vec<u32> = (0..20).collect();
            for cuts in [&every[..], &[4], &[9]] {
                assert_eq!(arrivals(&plan, cuts), whole, "{dendritic}, cut at {cuts:?}");
            }
        }
    }
}
