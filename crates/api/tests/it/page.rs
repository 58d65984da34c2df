//! The page at `/`, in a real browser: from the key to the details of a file.

use serde_json::json;

use crate::browser::Browser;
use crate::lab::{KEY, Lab, MOUNT, Served};

const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";
const DOWN: &str = "\u{E015}";
const END: &str = "\u{E010}";

/// Opens the page with the key and waits for the files.
fn opened(served: &Served, width: u32, height: u32, dark: bool) -> Browser {
    let browser = Browser::open(width, height, dark);
    browser.go(&served.url);
    browser.until("document.getElementById('key-dialog').open");
    browser.keys(KEY);
    browser.keys(ENTER);
    browser.until("document.querySelector('.row .name')");
    browser
}

fn search(browser: &Browser, query: &str) {
    browser.js("const field = document.getElementById('query'); field.value = ''; field.focus()");
    browser.keys(query);
}

/// Waits until the list says that it has so many files.
fn counted(browser: &Browser, files: &str) {
    browser.until(&format!(
        "document.getElementById('total').textContent.startsWith('{files} file')"
    ));
}

#[test]
fn its_files_need_no_key_and_forbid_everything_from_elsewhere() {
    let lab = Lab::new();
    let served = lab.serve();
    for (target, kind) in [
        ("/", "text/html"),
        ("/page/app.js", "text/javascript"),
        ("/page/style.css", "text/css"),
    ] {
        let reply = served.ask("GET", target, &[]);
        assert_eq!(reply.status, 200, "{target}");
        assert!(reply.header("content-type").unwrap().starts_with(kind));
        let policy = reply.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        let tag = reply.header("etag").unwrap();
        let again = served.ask("GET", target, &[("If-None-Match", tag)]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{target}");
    }
}

#[test]
fn the_key_is_asked_for_once() {
    let lab = Lab::new();
    let served = lab.serve();
    let browser = Browser::open(1280, 800, true);
    browser.go(&served.url);
    browser.until("document.getElementById('key-dialog').open");
    assert!(browser.js("return document.getElementById('key-error').hidden") == true);
    browser.picture("key");
    browser.keys("wrong");
    browser.keys(ENTER);
    browser.until("document.getElementById('key-error').textContent.includes('Invalid')");
    browser.keys(KEY);
    browser.keys(ENTER);
    browser.until("document.querySelectorAll('.row .name').length > 5");
    assert_eq!(
        browser.js("return document.querySelectorAll('#drives li').length"),
        2
    );
    // A page that is loaded again still has it.
    browser.go(&served.url);
    browser.until("document.querySelectorAll('.row .name').length > 5");
    assert!(browser.js("return document.getElementById('key-dialog').open") == false);
    // Nothing of it is kept where it was not asked to be.
    assert_eq!(
        browser.js("return localStorage.getItem('videocatalog-key')"),
        json!(null)
    );
    let (requests, complaints) = browser.heard();
    assert!(requests.len() > 10);
    for url in requests {
        assert!(
            url.starts_with(&served.url) || url.starts_with("data:"),
            "{url}"
        );
    }
    let refused: Vec<&String> = complaints
        .iter()
        .filter(|text| !text.contains("401"))
        .collect();
    assert!(
        refused.iter().all(|text| text.contains("Password forms")),
        "{refused:?}"
    );
}

#[test]
fn files_are_found_while_typing_and_mistakes_are_shown() {
    let lab = Lab::new();
    let served = lab.serve();
    let browser = opened(&served, 1280, 800, true);
    let everything = served.ok("/v1/search?limit=1").json()["total_estimate"].clone();
    counted(&browser, &everything.to_string());
    browser.picture("search-dark");

    search(&browser, "chair");
    counted(&browser, "2");
    assert_eq!(browser.text(".row .name"), "exact copy.mp4");
    search(&browser, "size:>");
    browser.until("!document.getElementById('query-error').hidden");
    let told = browser.text("#query-error");
    assert!(told.contains("size:>\n     ^"), "{told}");
    search(&browser, "no such file anywhere");
    browser.until("!document.getElementById('empty').hidden");
    assert!(browser.js("return document.getElementById('query-error').hidden") == true);

    // A name that would break the line, steer it or be code is a text like any other.
    search(&browser, "names");
    counted(&browser, "4");
    let names = browser
        .js("return [...document.querySelectorAll('.row .name')].map((name) => name.textContent)");
    let names: Vec<&str> = names
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    assert!(names.contains(&"new\\nline.mp4"), "{names:?}");

    // One drive only.
    search(&browser, " ");
    browser.js("document.querySelector('#drives button').click()");
    counted(&browser, "12");
    let (_, complaints) = browser.heard();
    assert!(
        !complaints
            .iter()
            .any(|text| text.contains("Content Security")),
        "{complaints:?}"
    );
}

#[test]
fn the_keyboard_is_enough() {
    let lab = Lab::new();
    let served = lab.serve();
    let browser = opened(&served, 1280, 800, false);
    search(&browser, "drive:media clip");
    counted(&browser, "1");
    browser.keys(DOWN);
    browser.keys(ENTER);
    browser.until("document.querySelector('#details .facts')");
    browser.until("document.getElementById('details').textContent.includes('catalogued')");
    let details = browser.text("#details");
    assert!(
        details.contains(&format!("{MOUNT}/Movies/clip.mp4")),
        "{details}"
    );
    assert!(details.contains("Media (not plugged in)"), "{details}");
    browser.picture("details-light");
    browser.keys(ESCAPE);
    browser.until("document.getElementById('details').hidden");
    assert_eq!(browser.js("return document.activeElement.id"), "list");
    browser.keys("/");
    assert_eq!(browser.js("return document.activeElement.id"), "query");
    // Whatever can be used has a name.
    let nameless = browser.js(
        "return [...document.querySelectorAll('button, input, select, a, [role]')]
           .filter((one) => !(one.textContent.trim() || one.getAttribute('aria-label') || one.getAttribute('aria-labelledby')
             || one.labels?.length || one.querySelector('img[alt]') || one.hasAttribute('hidden') || one.id === 'total'))
           .map((one) => one.outerHTML)",
    );
    assert_eq!(nameless, json!([]));
}

#[test]
fn reports_show_what_the_api_says() {
    let lab = Lab::new();
    let served = lab.serve();
    let browser = opened(&served, 1280, 800, false);
    browser.js("location.hash = 'reports'; document.getElementById('report-drive').value = 'Media'; document.getElementById('report-drive').dispatchEvent(new Event('change'))");
    browser.until("document.querySelectorAll('#reports .card').length === 5");
    let overview = served.ok("/v1/reports/overview?drive_label=Media").json();
    let shown = browser.text("#reports .numbers strong");
    assert_eq!(shown, overview["total_files"].to_string());
    let folders = "[...document.querySelectorAll('[aria-label=\"Heaviest folders\"] tbody tr td:first-child')].map((cell) => cell.textContent)";
    let before = browser.js(&format!("return {folders}"));
    assert!(
        before[0]
            .as_str()
            .unwrap()
            .ends_with("Movies/Re-encodes of chair"),
        "{before}"
    );
    // A table sorts by whichever column is asked.
    browser
        .js("document.querySelector('table[aria-label=\"Heaviest folders\"] th button').click()");
    let sorted = browser.js(&format!("return {folders}"));
    assert_ne!(before, sorted);
    browser.picture("reports-light");
    browser.js("document.getElementById('theme').click()");
    assert_eq!(
        browser.js("return document.documentElement.dataset.theme"),
        "dark"
    );
    browser.picture("reports-dark");
}

#[test]
fn a_hundred_thousand_files_are_a_few_rows() {
    let lab = Lab::new();
    lab.add_files("Media", 100_000);
    let served = lab.serve();
    let browser = opened(&served, 1000, 700, true);
    search(&browser, "many/");
    counted(&browser, "100,000");
    browser.js("document.getElementById('list').focus()");
    browser.keys(DOWN);
    browser.keys(END);
    browser.until("document.querySelector('#row-99999 .name')");
    let rows = browser
        .js("return document.querySelectorAll('.row').length")
        .as_u64()
        .unwrap();
    assert!((5..60).contains(&rows), "{rows}");
    assert_eq!(
        browser.js("return document.querySelector('#row-99999').ariaSelected"),
        "true"
    );
    browser.picture("the-end");
}

#[test]
fn a_telephone_is_wide_enough() {
    let lab = Lab::new();
    let served = lab.serve();
    let browser = opened(&served, 420, 860, false);
    browser.resize(420, 860);
    let everything = served.ok("/v1/search?limit=1").json()["total_estimate"].clone();
    counted(&browser, &everything.to_string());
    browser.picture("telephone");
    let too_wide = browser.js("return document.documentElement.scrollWidth > innerWidth");
    assert!(too_wide == false);
    browser.js("document.querySelector('.row').click()");
    browser.until("document.querySelector('#details .facts')");
    browser.picture("telephone-details");
}
