package cmd

import (
	"sync"

	"asof/cmd/render"
	"asof/inspect"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fault"
)

// Notes on standard error say which point was used, which fold, and what was left out.

// note prints one line for people, or one object under --json:
// {"note":{"code","message"}}. Between hold and release, notes wait.
func (a *app) note(code, text string) {
	a.notice(replay.Notice{Code: replay.NoticeCode(code), Text: text})
}

func (a *app) notice(n replay.Notice) {
	a.held.Lock()
	defer a.held.Unlock()
	if a.held.holding {
		a.held.notes = append(a.held.notes, n)
		return
	}
	a.printNotice(n)
}

// heldNotes are notes that wait until their answer is printed.
type heldNotes struct {
	sync.Mutex
	holding bool
	notes   []replay.Notice
}

// hold makes notes wait until release.
func (a *app) hold() {
	a.held.Lock()
	defer a.held.Unlock()
	a.held.holding = true
}

// release prints the waiting notes.
func (a *app) release() {
	a.held.Lock()
	defer a.held.Unlock()
	for _, n := range a.held.notes {
		a.printNotice(n)
	}
	a.held.holding, a.held.notes = false, nil
}

// releaseFirst prints the waiting notes without which the answer would be misread.
func (a *app) releaseFirst() {
	a.held.Lock()
	defer a.held.Unlock()
	var later []replay.Notice
	for _, n := range a.held.notes {
		if changesMeaning[n.Code] {
			a.printNotice(n)
		} else {
			later = append(later, n)
		}
	}
	a.held.notes = later
}

// changesMeaning has the notes that say of what the answer is, or that it may be wrong.
// They come before it; all others come after it.
var changesMeaning = map[replay.NoticeCode]bool{
	replay.NoticeEmpty:       true,
	replay.NoticeBeforeFirst: true,
	replay.NoticeAfterHead:   true,
	replay.NoticeClockBack:   true,
	replay.NoticeUntimed:     true,
	replay.NoticeUnread:      true,
	replay.NoticeGone:        true,
	replay.NoticeLeftOut:     true,
	replay.NoticeDisorder:    true,
	replay.NoticeByClock:     true,
	"merge":                  true, // the fold is a guess
	"projection":             true, // the fold is one of several
}

// printNotice prints a note, for people with the command line that may be meant.
func (a *app) printNotice(n replay.Notice) {
	if line := corrected(a.typed, fault.Remedy{For: n.For, Near: []string{n.Near}}); n.Near != "" && line != nil && !a.json {
		n.Text += "\n      asof " + commandLine(line)
	}
	a.printNote(string(n.Code), n.Text)
}

func (a *app) printNote(code, text string) {
	text = a.scrub(text)
	if a.json {
		a.others.end() // what a command printed is about what came before
		a.writeErrJSON(wire.NewNote(code, text))
		return
	}
	p := render.New(a.Err, render.Options{Color: a.useColor(a.Err), Zone: a.zone})
	p.Remark(text)
	_ = p.Flush() // the answer matters more than the note
}

// writeErrJSON writes x as JSON on standard error. It ignores errors: the answer
// matters more.
func (a *app) writeErrJSON(x any) {
	w := wire.NewWriter(a.Err)
	_ = w.Line(x)
	_ = w.Flush()
}

// resolved prints which point was used and how it was folded.
func (a *app) resolved(ans *inspect.Replayed) {
	if a.json { // the answer contains it
		return
	}
	width, _ := a.Terminal(a.Err)
	p := render.New(a.Err, render.Options{Color: a.useColor(a.Err), Width: width, Zone: a.zone, Guessed: a.guessed()})
	p.Note(p.ReplayedNote(ans))
	_ = p.Flush()
}

// noteProjectAbove prints which project file was used, if it was found in a parent
// folder.
func (a *app) noteProjectAbove() {
	if a.space != nil {
		a.space.NoteProjectAbove()
	}
}
