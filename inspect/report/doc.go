// Package report collects the history of one timeline over a range for a page that
// stands alone: the state before the first event, each event with the changes it made,
// and the answers of the questions that explain the incident. It writes no page; package
// page below it does.
//
// The states are not repeated. They are one key frame, the opening state, and the changes
// of the journal that the other verbs print, so a report grows with what happened and not
// with the size of the state. The states of a few marked points and of the end are kept
// whole: readers without scripts see them, and a page checks its own arithmetic with them.
//
// A change of a long text is kept as a [Splice], what was cut and what was put in its
// place: an event that types one letter into a text of a megabyte costs a letter.
package report
