//! A real browser, driven through chromedriver.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::lab::LIMIT;

/// Chromium with a profile of its own, gone when this is dropped.
pub(crate) struct Browser {
    driver: Child,
    session: String,
    agent: ureq::Agent,
    profile: tempfile::TempDir,
}

impl Browser {
    /// Opens a window of that many pixels; `dark`: the system's colours.
    pub(crate) fn open(width: u32, height: u32, dark: bool) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver, of Debian's chromium-driver, which scripts/test installs");
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(LIMIT))
            .build()
            .into();
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Self {
            driver,
            session: format!("http://127.0.0.1:{port}"),
            agent,
            profile,
        };
        browser.wait_for("chromedriver", |browser| {
            browser
                .agent
                .get(format!("{}/status", browser.session))
                .call()
                .is_ok()
        });
        let mut args = vec![
            "--headless=new".to_owned(),
            // Tests may run as root, and in containers with little shared memory.
            "--no-sandbox".into(),
            "--disable-dev-shm-usage".into(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", browser.profile.path().display()),
        ];
        if dark {
            args.push("--blink-settings=preferredColorScheme=0".into());
        }
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": args},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let made = browser.ask("/session", Some(&wanted));
        let id = made["sessionId"].as_str().expect("a session").to_owned();
        browser.session = format!("{}/session/{id}", browser.session);
        browser
    }

    fn ask(&self, path: &str, body: Option<&Value>) -> Value {
        let url = format!("{}{path}", self.session);
        let mut response = match body {
            Some(body) => self
                .agent
                .post(&url)
                .header("Content-Type", "application/json")
                .send(body.to_string())
                .unwrap(),
            None => self.agent.get(&url).call().unwrap(),
        };
        let text = response.body_mut().read_to_string().unwrap();
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        assert!(response.status().is_success(), "{path}: {text}");
        answer["value"].take()
    }

    pub(crate) fn go(&self, url: &str) {
        self.ask("/url", Some(&json!({ "url": url })));
    }

    /// Runs the body of a function in the page and returns what it returns.
    pub(crate) fn js(&self, body: &str) -> Value {
        self.ask("/execute/sync", Some(&json!({"script": body, "args": []})))
    }

    /// Returns the text of the first element that a selector finds.
    pub(crate) fn text(&self, selector: &str) -> String {
        let found = self.js(&format!(
            "return document.querySelector({})?.textContent ?? ''",
            json!(selector)
        ));
        found.as_str().unwrap().to_owned()
    }

    /// Types on the keyboard, wherever the focus is. `\u{E007}` is Enter, `\u{E00C}` Escape, `\u{E015}` down, `\u{E010}` End.
    pub(crate) fn keys(&self, text: &str) {
        let presses: Vec<Value> = text
            .chars()
            .flat_map(|key| {
                [
                    json!({"type": "keyDown", "value": key}),
                    json!({"type": "keyUp", "value": key}),
                ]
            })
            .collect();
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": presses}]});
        self.ask("/actions", Some(&actions));
    }

    pub(crate) fn resize(&self, width: u32, height: u32) {
        self.ask(
            "/window/rect",
            Some(&json!({"width": width, "height": height})),
        );
    }

    /// Waits until an expression of the page is true.
    pub(crate) fn until(&self, expression: &str) {
        self.wait_for(expression, |browser| {
            browser.js(&format!("return Boolean({expression})")) == true
        });
    }

    fn wait_for(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < LIMIT, "waited in vain for: {what}");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Keeps a picture of the window in the target folder, to be looked at.
    pub(crate) fn picture(&self, name: &str) {
        use base64::Engine as _;
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
        std::fs::create_dir_all(&folder).unwrap();
        let picture = self.ask("/screenshot", None);
        let bytes = base64::engine::general_purpose::STANDARD.decode(picture.as_str().unwrap());
        std::fs::write(folder.join(format!("{name}.png")), bytes.unwrap()).unwrap();
    }

    /// Returns the addresses of all requests so far, and what the browser complained about.
    pub(crate) fn heard(&self) -> (Vec<String>, Vec<String>) {
        let log = |kind: &str| self.ask("/se/log", Some(&json!({ "type": kind })));
        let requests = log("performance");
        let requests = requests.as_array().unwrap().iter().filter_map(|entry| {
            let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let event = &event["message"];
            (event["method"] == "Network.requestWillBeSent").then(|| {
                event["params"]["request"]["url"]
                    .as_str()
                    .map(str::to_owned)
            })?
        });
        let requests = requests.collect();
        let complaints = log("browser");
        let complaints = complaints.as_array().unwrap().iter();
        let complaints = complaints.map(|entry| entry["message"].as_str().unwrap().to_owned());
        (requests, complaints.collect())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Closes the browser; without its driver it would stay.
        let _it_may_be_gone = self.agent.delete(&self.session).call();
        let _it_may_be_gone = self.driver.kill();
        let _it_may_be_gone = self.driver.wait();
    }
}
