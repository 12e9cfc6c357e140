//! The matrix as one page that needs nothing else: no network, no second file.

use crate::survey::Survey;

/// The page, with the place of its data marked.
const PAGE: &str = include_str!("page.html");

/// What stands in the page where the data belong.
const DATA: &str = "/*DATA*/";

/// The page: the data of [`super::json`] in it, and a script that shows them.
pub fn html(survey: &Survey) -> String {
    let data = super::json::document(survey).to_string();
    // Within a script nothing ends it but `</`, and `<!--` begins what a browser takes for more.
    PAGE.replacen(DATA, &data.replace('<', "\\u003c"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_one_place_for_data_and_asks_for_nothing() {
        assert_eq!(PAGE.matches(DATA).count(), 1);
        for outside in ["http:", "https:", "src=", "@import", "url("] {
            assert!(!PAGE.contains(outside), "{outside}");
        }
    }
}
