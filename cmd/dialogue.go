package cmd

import (
	"errors"
	"fmt"
	"strings"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/bisect"
	"asof/replay"
)

// A dialogue asks the user about one state after another on standard error. Standard
// output is for the answer.
type dialogue struct {
	*app
	n     *ask.Session
	keep  sessionFile
	lines <-chan inputLine
}

// errStop means that the user wants to stop.
var errStop = errors.New("stop")

func (d *dialogue) run() error {
	for {
		q, err := d.n.Question(d.ctx)
		if err != nil || q == nil {
			return err
		}
		if d.json {
			return usagef("answer without --json, or give --bad, --good or --run", "--json cannot ask questions")
		}
		err = d.question(render.Question{Question: q, Old: d.n.Asked.Term(bisect.MarkGood), New: d.n.Asked.Term(bisect.MarkBad)})
		if errors.Is(err, errStop) {
			d.note("session", "stopped; the same command resumes from here")
			return nil
		}
		if err != nil {
			return err
		}
		d.keep.save(d.n.Record())
	}
}

// question shows a state and reads one answer.
func (d *dialogue) question(q render.Question) error {
	d.show(func(p *render.Printer) { p.Asked(q, false) })
	for {
		d.show(func(p *render.Printer) { p.Prompt(q) })
		var line inputLine
		var ok bool
		select {
		case line, ok = <-d.lines:
		case <-d.ctx.Done():
			fmt.Fprintln(d.Err) // end the line of the prompt
			return d.ctx.Err()
		}
		if !ok {
			fmt.Fprintln(d.Err) // end the line of the prompt
			return errStop
		}
		if line.err != nil {
			return line.err
		}
		again, err := d.answer(strings.TrimSpace(line.text), q)
		if err != nil || !again {
			return err
		}
	}
}

// answer handles one line of input. It returns again true if the line didn't answer the
// question.
func (d *dialogue) answer(line string, q render.Question) (again bool, err error) {
	mark := bisect.Mark("")
	switch strings.ToLower(line) {
	case "g", "good", strings.ToLower(q.Old):
		mark = bisect.MarkGood
	case "b", "bad", strings.ToLower(q.New):
		mark = bisect.MarkBad
	case "s", "skip":
		mark = bisect.MarkSkip
	case "u", "undo", "back":
		if !d.n.Search.Back() {
			d.note("session", "there is nothing to undo")
			return true, nil
		}
		return false, nil
	case "d", "diff":
		d.show(func(p *render.Printer) { p.Asked(q, true) })
		return true, nil
	case "p", "state":
		d.show(func(p *render.Printer) { p.State(q.State) })
		return true, nil
	case "e", "event":
		return true, d.event(q.At)
	case "q", "quit":
		return false, errStop
	default:
		d.show(func(p *render.Printer) { p.AnswerHelp(q) })
		return true, nil
	}
	if err := d.n.Mark(q.Index, mark); err != nil {
		d.note("session", err.Error())
		return true, nil
	}
	return false, nil
}

// event shows the event that led to a state.
func (d *dialogue) event(at replay.Moment) error {
	if at.IsStart() {
		d.note("session", "this is the state before the first event")
		return nil
	}
	ans, err := d.n.Event(d.ctx, at)
	if err != nil {
		return err
	}
	d.show(func(p *render.Printer) { p.Shown(ans) })
	return nil
}

// show prints on standard error with the given function.
func (d *dialogue) show(print func(*render.Printer)) {
	width, _ := d.Terminal(d.Err)
	p := render.New(d.Err, render.Options{Color: d.useColor(d.Err), Width: width, Zone: d.zone})
	print(p)
	_ = p.Flush() // a lost terminal shows when the answer is read
}
