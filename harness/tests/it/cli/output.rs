//! What `run` prints, whole, in each format.

use predicates::prelude::*;
use serde_json::Value as Json;

use super::{BAD, BROKEN, FAIL, FIXED, INFO, KNOWN, MATRIX, PASS, Project, SKIP};
use crate::cli::check;

/// One scenario of each kind, one at a time, so that they come in the order of their ids.
fn of_each_kind() -> Project {
    Project::new(&[
        ("a/pass", PASS),
        ("b/fail", FAIL),
        ("c/known", KNOWN),
        ("d/fixed", FIXED),
        ("e/info", INFO),
        ("f/skip", SKIP),
        ("g/broken", BROKEN),
        ("h/bad", BAD),
    ])
}

const ONE_BY_ONE: [&str; 4] = ["run", "--jobs", "1", "--no-snapshots"];

#[test]
fn what_is_not_as_claimed_is_told_in_full() {
    check!(of_each_kind().run(&ONE_BY_ONE));
}

#[test]
fn a_run_as_claimed_takes_one_line() {
    check!(Project::new(&[("a", PASS), ("b", MATRIX)]).run(&["run", "--no-snapshots"]), @"
    3 scenarios in [TIME]: 3 pass
    ----- stderr
    ----- exit code 0
    ");
}

#[test]
fn the_command_that_repeats_a_cell_is_one_that_a_shell_takes() {
    let text = MATRIX.replace("len = \"$size\"", "len = 1");
    let project = Project::new(&[("udp/sizes", &text)]);
    let ran = project.run(&["run", "--no-snapshots", "--timeout-scale", "2"]);
    let again = "again   sockdrill run --timeout-scale 2 --exact 'udp/sizes[size=512]'";
    assert!(ran.stdout.contains(again), "{ran}");
    let repeated = project.run(&["run", "--no-snapshots", "--exact", "udp/sizes[size=512]"]);
    assert!(repeated.stdout.contains("1 scenario in") && repeated.code == Some(1), "{repeated}");
}

#[test]
fn times_are_shown_where_they_are_asked_for() {
    let project = Project::new(&[("a", FAIL)]);
    let timed = predicate::str::is_match(r"= 3 +\(\d+(\.\d)? ?.s\)").expect("a pattern");
    assert!(!timed.eval(&project.run(&["run", "--no-snapshots"]).stdout));
    let ran = project.run(&["run", "--no-snapshots", "--timings"]);
    assert!(timed.eval(&ran.stdout), "{ran}");
}

#[test]
fn no_colour_where_nobody_sees_it_or_somebody_does_not_want_it() {
    let project = Project::new(&[("a", FAIL), ("b", BAD)]);
    let coloured = |arguments: &[&str], variable: Option<&str>| {
        let mut command = project.command(&["run", "--no-snapshots"]);
        command.args(arguments).envs(variable.map(|name| (name, "1")));
        let output = command.output().expect("the program runs");
        [output.stdout, output.stderr].map(|bytes| bytes.contains(&0x1b))
    };
    assert_eq!(coloured(&[], None), [false, false]);
    assert_eq!(coloured(&["--color", "always"], None), [true, true]);
    assert_eq!(coloured(&["--color", "never"], Some("CLICOLOR_FORCE")), [false, false]);
    assert_eq!(coloured(&[], Some("CLICOLOR_FORCE")), [true, true]);
    assert_eq!(coloured(&[], Some("NO_COLOR")), [false, false]);
}

#[test]
fn colours_change_nothing_but_the_colour() {
    let project = Project::new(&[("a", FAIL)]);
    let plain = project.run(&["run", "--no-snapshots", "--color", "never"]);
    let coloured = project.run(&["run", "--no-snapshots", "--color", "always"]);
    let stripped = anstream::adapter::strip_str(&coloured.stdout).to_string();
    let told = |text: &str| text.split("1 scenario in").next().map(str::to_owned);
    assert_eq!(told(&stripped), told(&plain.stdout));
}

#[test]
fn json_lines_are_one_object_a_scenario() {
    let mut arguments = ONE_BY_ONE.to_vec();
    arguments.extend(["--format", "json-lines"]);
    let ran = of_each_kind().run(&arguments);
    let lines: Vec<Json> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<String> = lines
        .iter()
        .map(|line| {
            let name = line.get("id").or(line.get("file")).unwrap_or(&Json::Null);
            format!("{} {name} {}", line["event"], line.get("verdict").unwrap_or(&Json::Null))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    "bad_file" "scenarios/h/bad.toml" null
    "scenario" "a/pass" "pass"
    "scenario" "b/fail" "fail"
    "scenario" "c/known" "known"
    "scenario" "d/fixed" "fixed"
    "scenario" "e/info" "info"
    "scenario" "f/skip" "skip"
    "scenario" "g/broken" "broken"
    "#);
    assert!(ran.stderr.contains("scenarios in"), "the summary goes where people look: {ran}");
}

/// A line of JSON without what differs from run to run and from machine to machine.
fn steady(mut json: Json) -> Json {
    match &mut json {
        Json::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                *value = match name.as_str() {
                    "elapsed_us" | "platform" | "harness" => Json::from(format!("[{name}]")),
                    _ => steady(value.take()),
                };
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| *item = steady(item.take())),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
    json
}

#[test]
fn a_scenario_as_json_has_calls_claims_and_typed_outcomes() {
    let ran =
        Project::new(&[("a", FAIL)]).run(&["run", "--no-snapshots", "--format", "json-lines"]);
    let json: Json = serde_json::from_str(&ran.stdout).expect("one line of JSON");
    insta::assert_snapshot!(format!("{:#}", steady(json)));
}

#[test]
fn a_json_report_is_one_document_sorted_by_id() {
    let project = of_each_kind();
    project.run(&["run", "--jobs", "4", "--no-snapshots", "--report", "json=report.json"]);
    let json: Json = serde_json::from_str(&project.read("report.json")).expect("JSON");
    let mut json = steady(json);
    let scenarios = json["scenarios"].take();
    let ids: Vec<&str> =
        scenarios.as_array().expect("a list").iter().filter_map(|one| one["id"].as_str()).collect();
    assert!(ids.is_sorted() && ids.len() == 7, "{ids:?}");
    insta::assert_snapshot!(format!("{json:#}"), @r#"
    {
      "version": 1,
      "harness": "[harness]",
      "platform": "[platform]",
      "elapsed_us": "[elapsed_us]",
      "counts": {
        "pass": 1,
        "known": 1,
        "info": 1,
        "skip": 1,
        "fixed": 1,
        "broken": 1,
        "fail": 1
      },
      "scenarios": null,
      "bad_files": [
        {
          "file": "scenarios/h/bad.toml",
          "problems": [
            {
              "line": 3,
              "column": 12,
              "message": "no socket `ry` is open here",
              "help": "accepted: rx"
            },
            {
              "line": 3,
              "column": 30,
              "message": "no socket `rz` is open here",
              "help": "accepted: rx"
            }
          ]
        }
      ],
      "not_run": []
    }
    "#);
}

#[test]
fn a_junit_report_is_read_by_a_junit_reader() {
    let project = of_each_kind();
    project.run(&["run", "--jobs", "1", "--no-snapshots", "--report", "junit=report.xml"]);
    let report =
        quick_junit::Report::deserialize_from_str(&project.read("report.xml")).expect("JUnit");
    let suite = &report.test_suites[0];
    let told: Vec<String> = suite
        .test_cases
        .iter()
        .map(|case| {
            let status = match &case.status {
                quick_junit::TestCaseStatus::Success { .. } => "success".to_owned(),
                quick_junit::TestCaseStatus::Skipped { .. } => "skipped".to_owned(),
                quick_junit::TestCaseStatus::NonSuccess { kind, ty, .. } => {
                    format!("{kind:?} {}", ty.as_ref().map_or("", |ty| ty.as_str()))
                }
            };
            format!("{} {status}", case.name.as_str())
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    a/pass success
    b/fail Failure fail
    c/known success
    d/fixed Failure fixed
    e/info success
    f/skip skipped
    g/broken Error broken
    scenarios/h/bad.toml Error bad file
    ");
}

#[test]
fn several_reports_are_written_at_once() {
    let project = Project::new(&[("a", PASS)]);
    let ran = project.run(&["run", "--report", "json=one.json", "--report", "junit=two.xml"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(project.read("one.json").contains("\"version\": 1"));
    assert!(project.read("two.xml").contains("<testsuites"));
}
