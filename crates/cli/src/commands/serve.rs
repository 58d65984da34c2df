//! `serve`, and `api` with the flags of the older program.

use std::path::Path;
use std::sync::Arc;

use videocatalog_api::{Config, Limits, ServeError, Server, Stop};
use videocatalog_core::duplicates::Thresholds;
use videocatalog_core::settings::KEY_VARIABLE;

use crate::args::ServeArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::signal::on_interrupt;
use crate::table;

pub(crate) fn serve(context: &Context, args: &ServeArgs) -> Result<(), Failure> {
    // Older databases are taken over now, as requests only read.
    drop(context.catalog_to_read()?);
    let config = config(context, args)?;
    if config
        .api_key
        .as_deref()
        .is_none_or(|key| key.trim().is_empty())
    {
        context.warn("no API key is set, so every request will be refused (401)");
        eprintln!(
            "hint: `videocatalog settings set api.api_key …`, the variable {KEY_VARIABLE}, or `--api-key-file FILE`"
        );
    }
    let server = Server::bind(config)?;
    if !server.is_local() {
        context.warn(&format!(
            "{} can be reached from other machines, and what is sent is not encrypted; the key is all that protects it",
            server.url()
        ));
    }
    let stop = server.stop();
    on_interrupt("stopping", move || stop.now());
    if args.until_stdin_closes {
        stop_with_stdin(server.stop());
    }
    table::line(format_args!("API listening on {}", server.url()));
    context
        .log
        .line(&format!("[INFO] API listening on {}", server.url()));
    server.run();
    context.log.line("[INFO] API stopped");
    Ok(())
}

fn config(context: &Context, args: &ServeArgs) -> Result<Config, Failure> {
    let settings = &context.loaded.settings.api;
    let (log, verbose) = (Arc::clone(&context.log), args.verbose);
    let mut config = Config {
        workdir: context.workdir.clone(),
        catalog_db: context.catalog_path().to_path_buf(),
        host: String::new(),
        port: 0,
        api_key: None,
        cors_origins: Vec::new(),
        allowed_hosts: Vec::new(),
        default_limit: 0,
        max_page_size: 0,
        thresholds: Thresholds::from_settings(&context.loaded.settings.fingerprints),
        settings: Arc::new(context.loaded.settings.clone()),
        tools: Arc::new(context.toolbox()),
        limits: Limits::default(),
        clock: Arc::clone(&context.clock),
        zone: jiff::tz::TimeZone::system(),
        log: Arc::new(move |line| {
            log.line(line);
            if verbose {
                eprintln!("{}", videocatalog_core::search::shown(line));
            }
        }),
    };
    config.apply(settings);
    if let Some(host) = &args.host {
        config.host.clone_from(host);
    }
    if let Some(port) = args.port {
        config.port = port;
    }
    if !args.cors.is_empty() {
        config.cors_origins.clone_from(&args.cors);
    }
    if let Some(key) = key(context, args)? {
        config.api_key = Some(key);
    }
    Ok(config)
}

/// Returns the key that was given otherwise than by settings: by flag, else by variable, else in a file.
fn key(context: &Context, args: &ServeArgs) -> Result<Option<String>, Failure> {
    if let Some(key) = &args.api_key {
        return Ok(Some(key.clone()));
    }
    if let Some(key) = context.environment.var(KEY_VARIABLE) {
        let key = key.to_str().ok_or_else(|| {
            Failure::usage(
                format!("the variable {KEY_VARIABLE} is no UTF-8"),
                "use letters and digits",
            )
        })?;
        return Ok(Some(key.to_owned()));
    }
    args.api_key_file
        .as_deref()
        .map(|path| key_in(&context.environment.absolute(path)))
        .transpose()
}

fn key_in(path: &Path) -> Result<String, Failure> {
    let unusable = |reason: String| {
        Failure::usage(
            format!("cannot take the key from `{}`: {reason}", path.display()),
            "write the key into the file, in one line, and let only yourself read it",
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    let key = text.trim();
    if key.is_empty() || key.contains('\n') {
        return Err(unusable("it should have one line".into()));
    }
    Ok(key.to_owned())
}

/// Stops the server when its parent is gone: then nobody holds the other end of its standard input.
fn stop_with_stdin(stop: Stop) {
    let wait = move || {
        // An error is an end too.
        let _bytes = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        stop.now();
    };
    let started = std::thread::Builder::new().name("stdin".into()).spawn(wait);
    if let Err(error) = started {
        eprintln!("warning: the end of standard input is not noticed: {error}");
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        Self::usage(error.to_string(), error.hint())
    }
}
