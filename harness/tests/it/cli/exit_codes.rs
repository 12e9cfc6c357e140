//! The exit codes, one per class of outcome, as the help lists them.

use rstest::rstest;

use super::{BAD, BROKEN, FAIL, FIXED, INFO, KNOWN, MATRIX, PASS, Project, SKIP};

#[rstest]
#[case::pass(&[PASS], 0)]
#[case::matrix(&[MATRIX], 0)]
#[case::known_deviation(&[KNOWN], 0)]
#[case::nothing_claimed(&[INFO], 0)]
#[case::skipped(&[SKIP], 0)]
#[case::fail(&[FAIL], 1)]
#[case::deviation_gone(&[FIXED], 1)]
#[case::bad_file(&[BAD], 3)]
#[case::broken(&[BROKEN], 5)]
#[case::fail_before_bad_file(&[FAIL, BAD], 1)]
#[case::bad_file_before_broken(&[BAD, BROKEN], 3)]
#[case::fail_before_broken(&[PASS, BROKEN, FAIL], 1)]
fn a_run_exits_with_the_worst_that_came_of_it(#[case] scenarios: &[&str], #[case] code: i32) {
    let ids = ["a", "b", "c"];
    let files: Vec<(&str, &str)> = ids.into_iter().zip(scenarios.iter().copied()).collect();
    let ran = Project::new(&files).run(&["run"]);
    assert_eq!(ran.code, Some(code), "{ran}");
}

#[rstest]
#[case::no_command(&[])]
#[case::unknown_command(&["walk"])]
#[case::unknown_flag(&["run", "--fast"])]
#[case::no_job(&["run", "--jobs", "0"])]
#[case::no_scale(&["run", "--timeout-scale", "0"])]
#[case::unknown_report(&["run", "--report", "html=x"])]
#[case::report_without_file(&["run", "--report", "json"])]
#[case::report_in_no_folder(&["run", "--report", "json=no/such/folder/x"])]
#[case::bad_id(&["new", "../escape"])]
#[case::unknown_page(&["man", "walk"])]
#[case::no_project(&["--root", "nowhere", "run"])]
fn a_wrong_command_line_is_2_and_says_why(#[case] arguments: &[&str]) {
    let ran = Project::new(&[("a", PASS)]).run(arguments);
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(!ran.stderr.is_empty() && ran.stdout.is_empty(), "{ran}");
}

#[rstest]
#[case::timeout_scale("SOCKDRILL_TIMEOUT_SCALE", "slow")]
#[case::update("INSTA_UPDATE", "perhaps")]
fn a_wrong_variable_is_2_and_named(#[case] name: &str, #[case] value: &str) {
    let project = Project::new(&[("a", PASS)]);
    let output = project.command(&["run"]).env(name, value).output().expect("the program runs");
    let ran = project.ran(&output);
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains(name) && ran.stderr.contains(value), "{ran}");
}

#[test]
fn no_scenario_at_all_is_4() {
    let ran = Project::new(&[]).run(&["run"]);
    assert_eq!(ran.code, Some(4), "{ran}");
}

#[test]
fn a_filter_that_matches_nothing_is_4_whatever_the_others_match() {
    let project = Project::new(&[("udp/whole", PASS)]);
    crate::cli::check!(project.run(&["run", "udp/", "udp/whle"]), @"
    ----- stderr
    error: no scenario matches `udp/whle`; did you mean `udp/whole`?
    ----- exit code 4
    ");
    assert_eq!(project.run(&["run", "--exact", "udp"]).code, Some(4));
    assert_eq!(project.run(&["list", "nothing"]).code, Some(4));
    assert_eq!(project.run(&["explain", "nothing"]).code, Some(4));
}

#[test]
fn a_bug_of_ours_is_70_and_asks_to_be_reported() {
    let ran = Project::new(&[]).run(&["panic"]);
    assert_eq!(ran.code, Some(70), "{ran}");
    assert!(ran.stderr.contains("a bug of sockdrill"), "{ran}");
}

#[test]
fn help_lists_the_codes_and_succeeds() {
    let ran = Project::new(&[]).run(&["--help"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    for code in ["0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "6 ", "70 "] {
        assert!(ran.stdout.contains(&format!("\n  {code}")), "{code}: {ran}");
    }
}
