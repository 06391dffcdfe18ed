// Package page writes a report as one HTML page that needs no server, no network and no
// other file.
//
// Without scripts the page is complete: the answers, the states at the marked points, and
// every event with its payload and its changes. With scripts it steps through the history:
// core.js has the arithmetic of states and knows nothing of documents, diff.js and lcs.js
// compare two states, view.js shows values, and page.js holds them together.
//
// # What the page cannot do
//
// A store is not trusted. Its texts enter the page escaped, or as JSON in an element that
// no browser executes, and the script puts them into the page as text alone. The policy
// forbids the network, forms and any code but the page's own.
//
// # Bytes
//
// The same report gives the same bytes. A value too long to read is cut in the plain
// part, with how much of it was cut; the JSON has all of it.
package page
