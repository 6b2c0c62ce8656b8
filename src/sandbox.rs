//! The embedded tenant: a Graph-compatible server for rehearsals and tests; it knows neither `graph` nor `plan`.
