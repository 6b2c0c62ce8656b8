//! A thin client of Microsoft Graph: tokens, transport, paging, errors; it knows no workflow.
