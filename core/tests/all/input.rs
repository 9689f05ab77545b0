//! Input from outside: what fits a plan, and how the rest is refused.

use isospike_core::plan::Plan;
use isospike_core::plan::lower::lower;
use isospike_core::run::input::{Accepted, Current, Input};
use isospike_front::check::Limits;
use isospike_front::file;
use std::path::Path;
use std::sync::Arc;

const MODEL: &str = r#"
[network]
name = "given"
dt = "0.1 ms"
batch = 2

[population.n]
size = 3
model = "lif_exp"

[stimulus.drive]
population = "n"
kind = "current"
amplitude = "10 pA"

[stimulus.one]
population = "n"
kind = "external"

[stimulus.other]
population = "n"
kind = "external"
"#;

fn plan() -> Plan {
    let network = file::parse(MODEL, "given.toml", Path::new("."), &[]);
    let network = network.unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let checked = network.check(Limits::default());
    lower(Arc::new(checked.unwrap_or_else(|diagnostics| panic!("{diagnostics}"))))
}

const ROW: [f32; 6] = [1.0, -2.0, 0.0, 1e-40, 5.0, 6.0];

fn current<'a>(stimulus: &'a str, steps: &'a [u32], values: &'a [f32]) -> Current<'a> {
    Current { stimulus, steps, values }
}

#[test]
fn a_row_holds_until_the_next_one_in_each_copy() {
    let rows = [&ROW[..], &[0.0; 6]].concat();
    let given = [current("other", &[12, 14], &rows)];
    let accepted = Input::currents(&given).accept(&plan(), 10..20).unwrap();
    let [one, other] = &accepted.currents[..] else { panic!("there are two: {accepted:?}") };
    assert_eq!((one.width, one.row(0), one.word(12, 0)), (6, None, 0));
    let words = |step: u32| -> Vec<f32> {
        (0..6).map(|place| f32::from_bits(other.word(step, place))).collect()
    };
    assert_eq!(words(11), [0.0; 6]);
    // 1.2: a value below 2^-126 is 0.
    let stored = [1.0, -2.0, 0.0, 0.0, 5.0, 6.0];
    assert_eq!([words(12), words(13)], [stored.to_vec(), stored.to_vec()]);
    assert_eq!(words(14), [0.0; 6]);
    assert_eq!(accepted.spikes, []);
}

#[test]
fn without_currents_no_row_holds() {
    let Accepted { spikes, currents } = Input::default().accept(&plan(), 0..5).unwrap();
    assert!(spikes.is_empty() && currents.iter().all(|current| current.rows.count() == 0));
    assert_eq!(currents.len(), 2);
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let mut infinite = ROW;
    infinite[4] = f32::NAN;
    let twice = [current("one", &[10], &ROW), current("one", &[11], &ROW)];
    let two = [ROW, ROW].concat();
    let wrong: [(&[Current<'_>], &str); 7] = [
        (
            &[current("drive", &[10], &ROW)],
            "stimulus drive takes no current from outside; there are `one`, `other` of the kind \
             `external`",
        ),
        (&twice, "the current of stimulus one is given twice; give all of its rows together"),
        (
            &[current("one", &[12, 11], &two)],
            "stimulus one: the row of step 11 is not after the one before it; give the steps of \
             rows in order, each once",
        ),
        (
            &[current("one", &[20], &ROW)],
            "stimulus one: a row begins in step 20, this call runs steps 10 to 19",
        ),
        (
            &[current("one", &[9], &ROW)],
            "stimulus one: a row begins in step 9, this call runs steps 10 to 19",
        ),
        (
            &[current("one", &[10, 11], &ROW)],
            "stimulus one: 6 values for 2 rows; give 6 for each row, one for each neuron of each \
             copy",
        ),
        (
            &[current("one", &[10], &infinite)],
            "stimulus one: NaN for neuron 1 of copy 1 from step 10 on; give a finite number",
        ),
    ];
    let plan = plan();
    for (currents, message) in wrong {
        let error = Input::currents(currents).accept(&plan, 10..20).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}
