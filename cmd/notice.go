package cmd

import (
	"sync"

	"asof/cmd/render"
	"asof/inspect"
	"asof/inspect/wire"
	"asof/replay"
)

// Notes go to standard error: the point that was meant, the fold, what was left out.

// note prints one line for people, or one object under --json:
// {"note":{"code","message"}}. While an answer is on its way, it waits.
func (a *app) note(code, text string) {
	a.held.Lock()
	defer a.held.Unlock()
	if a.held.holds {
		a.held.notes = append(a.held.notes, replay.Notice{Code: replay.NoticeCode(code), Text: text})
		return
	}
	a.printNote(code, text)
}

// heldNotes are notes that wait until the answer that they are about was printed.
type heldNotes struct {
	sync.Mutex
	holds bool
	notes []replay.Notice
}

// hold has notes wait.
func (a *app) hold() {
	a.held.Lock()
	defer a.held.Unlock()
	a.held.holds = true
}

// release prints the notes that waited.
func (a *app) release() {
	a.held.Lock()
	defer a.held.Unlock()
	for _, n := range a.held.notes {
		a.printNote(string(n.Code), n.Text)
	}
	a.held.holds, a.held.notes = false, nil
}

func (a *app) printNote(code, text string) {
	text = a.discreet(text)
	if a.json {
		a.aside(wire.NewNote(code, text))
		return
	}
	p := render.New(a.Err, render.Options{Color: a.useColor(a.Err), Zone: a.zone})
	p.Remark(text)
	_ = p.Flush() // the answer matters more than the note
}

// aside writes JSON on standard error, beside the answer, which matters more.
func (a *app) aside(x any) {
	w := wire.NewWriter(a.Err)
	_ = w.Line(x)
	_ = w.Flush()
}

// resolved says which point was meant and what folded it.
func (a *app) resolved(ans *inspect.Replayed) {
	if a.json { // the answer says it itself
		return
	}
	p := render.New(a.Err, render.Options{Color: a.useColor(a.Err), Zone: a.zone, Guessed: a.guessed()})
	p.Note(p.ReplayedNote(ans))
	_ = p.Flush()
}

// noteProjectAbove says which project file was used, if nobody named it and it is
// not in the current folder.
func (a *app) noteProjectAbove() {
	if a.space != nil {
		a.space.NoteProjectAbove()
	}
}
