use super::*;
use crate::drive::{End, Extras, Outcome, drive};
use crate::fake::{Fake, plan};
use isospike_core::run::backend::Backend;

const STEPS: u32 = 5000;

/// An output folder that goes away.
struct Out(PathBuf);

impl Out {
    fn new(name: &str) -> Self {
        let unique = format!("isospike_checkpoint_{}_{name}", std::process::id());
        Self(std::env::temp_dir().join(unique))
    }

    fn file(&self, name: &str) -> PathBuf {
        folder_in(&self.0).unwrap().join(name)
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        // It is not there where the test failed before it was made.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run(fake: &Fake, checkpoints: &mut Checkpoints) -> Outcome {
    let extras = Extras { checkpoints: Some(checkpoints), ..Extras::default() };
    drive(fake, &plan(), STEPS, extras, &mut ()).unwrap()
}

fn whole() -> (Recording, Option<String>) {
    let mut simulation = Fake::default().compile(&plan()).unwrap();
    let mut recording = Recording::new(&plan());
    simulation.run(STEPS, &mut recording).unwrap();
    let digest = recording.digest(&simulation.state().unwrap());
    (recording, Some(digest))
}

#[test]
fn a_run_that_failed_goes_on_where_it_was_saved() {
    let out = Out::new("failed");
    let mut checkpoints = Checkpoints::begin(&out.0, &plan(), 700).unwrap();
    let fails = Fake { fails_at: Some(3000), ..Fake::default() };
    let outcome = run(&fails, &mut checkpoints);
    assert!(matches!(outcome.end, End::Failed(_)));
    assert_eq!(checkpoints.finish().unwrap(), 2800);

    let mut checkpoints = Checkpoints::resume(&out.0, &plan(), STEPS, None).unwrap();
    assert_eq!(checkpoints.every_steps, 700);
    let outcome = run(&Fake::default(), &mut checkpoints);
    assert_eq!((outcome.first_step(), outcome.end), (2800, End::Complete));
    assert_eq!((outcome.recording, outcome.digest), whole());
    // The end is a checkpoint, too: the run can be made longer.
    assert_eq!(checkpoints.finish().unwrap(), STEPS);
}

#[test]
fn a_disk_that_fails_costs_checkpoints_and_not_the_run() {
    let out = Out::new("disk");
    let mut checkpoints = Checkpoints::begin(&out.0, &plan(), 700).unwrap();
    // A file that is to be written finds a folder in its place.
    fs::rename(out.file("state"), out.file("kept")).unwrap();
    fs::create_dir(out.file("state")).unwrap();
    let outcome = run(&Fake::default(), &mut checkpoints);
    assert_eq!((outcome.recording, outcome.digest), whole());
    assert!(matches!(checkpoints.finish(), Err(Error::File(path, _)) if path == out.file("state")));

    // The logs are ahead of the state file now: what it does not count is cut off.
    let ahead = fs::metadata(out.file("spikes")).unwrap().len();
    assert!(ahead > 0);
    fs::remove_dir(out.file("state")).unwrap();
    fs::rename(out.file("kept"), out.file("state")).unwrap();
    let mut checkpoints = Checkpoints::resume(&out.0, &plan(), STEPS, Some(900)).unwrap();
    let outcome = run(&Fake::default(), &mut checkpoints);
    assert_eq!((outcome.recording, outcome.digest), whole());
    assert_eq!(fs::metadata(out.file("spikes")).unwrap().len(), ahead);
    assert_eq!(checkpoints.finish().unwrap(), STEPS);
}

#[test]
fn a_checkpoint_is_not_overwritten_by_a_new_run_unless_it_is_of_step_0() {
    let out = Out::new("again");
    let begin = || Checkpoints::begin(&out.0, &plan(), 700);
    drop(begin().unwrap());
    let mut checkpoints = begin().unwrap();
    assert!(matches!(begin(), Err(Error::File(_, why)) if why.contains("another isospike")));
    run(&Fake::default(), &mut checkpoints);
    drop(checkpoints);
    assert!(matches!(begin(), Err(Error::Argument(why)) if why.contains("resume it")));
    fs::write(out.file("state"), "damaged").unwrap();
    assert!(matches!(begin(), Err(Error::Argument(_))));
}
