package inspect_test

import (
	"asof/inspect/inspecttest"
	"asof/replay"
)

// The histories that the tests of this package share with others.
const (
	inPlace = inspecttest.InPlace
	anew    = inspecttest.Anew
)

var (
	anyHistory = inspecttest.Histories
	eventsOf   = inspecttest.EventsOf
	between    = inspecttest.Between
	eachStyle  = inspecttest.EachStyle
)

// subjectOf folds such events, with versions from 1, by a script, or by merge without
// one.
func subjectOf(t inspecttest.T, lines []string, script string) replay.Subject {
	t.Helper()
	return inspecttest.SubjectOf(t, lines, script)
}
