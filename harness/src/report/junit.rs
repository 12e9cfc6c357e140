//! The same as `JUnit` XML, which CI systems show.
//!
//! One suite, named after the platform; a test case per scenario and cell, its class the folder of
//! its id. `fail`, `fixed` and `drift` are failures; `broken` and `inconclusive`, bad files and what
//! was not run are errors; `skip` is skipped. The verdict stands in each case's properties.

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::human::{Telling, case};
use super::{Run, plain, problems};
use crate::finding::Finding;
use crate::suite::BadFile;
use crate::verdict::Verdict;

/// The document of a whole run. The error is the XML writer's.
pub fn document(run: &Run<'_>, telling: &Telling) -> Result<String, quick_junit::SerializeError> {
    let mut suite = TestSuite::new(format!("sockdrill {}", run.platform.name()));
    suite.set_time(run.elapsed);
    suite.add_property(Property::new("kernel", run.platform.release.as_str()));
    suite.add_property(Property::new("harness", env!("CARGO_PKG_VERSION")));
    suite.add_test_cases(run.findings.iter().map(|finding| judged(finding, telling)));
    suite.add_test_cases(run.bad_files.iter().map(bad));
    suite.add_test_cases(run.not_run.iter().map(|id| not_run(id)));
    let mut report = Report::new("sockdrill");
    report.set_time(run.elapsed);
    report.add_test_suite(suite);
    report.to_string()
}

fn judged(finding: &Finding, telling: &Telling) -> TestCase {
    let mut status = match finding.verdict {
        Verdict::Pass | Verdict::Known | Verdict::Info => TestCaseStatus::success(),
        Verdict::Skip => TestCaseStatus::skipped(),
        Verdict::Fail | Verdict::Fixed | Verdict::Drift => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        Verdict::Broken | Verdict::Inconclusive => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
    };
    let message = finding.reason.as_deref().unwrap_or(&finding.title);
    let told = case(finding, telling).map(|text| plain(&text)).unwrap_or_default();
    if finding.verdict.is_red() {
        status.set_type(finding.verdict.name()).set_message(message).set_description(told.as_str());
    } else if finding.verdict == Verdict::Skip {
        status.set_message(message);
    }
    let mut test = TestCase::new(finding.id.as_str(), status);
    test.set_classname(class(&finding.id)).set_time(finding.elapsed);
    test.add_property(Property::new("verdict", finding.verdict.name()));
    test
}

/// The folder of an id.
fn class(id: &str) -> &str {
    let base = id.split('[').next().unwrap_or(id);
    base.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn bad(bad: &BadFile) -> TestCase {
    let text = problems::render(&bad.file, &bad.text, &bad.problems, false);
    error(&bad.file, "bad file", "the file has mistakes; nothing of it was run", &text)
}

fn not_run(id: &str) -> TestCase {
    error(id, "not run", "the run was stopped before its turn", "")
}

fn error(name: &str, kind: &str, message: &str, description: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type(kind).set_message(message).set_description(description);
    let mut test = TestCase::new(name, status);
    test.set_classname(class(name));
    test
}
