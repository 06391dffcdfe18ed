package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"asof/cmd/render"
	"asof/inspect"
	"asof/inspect/bisect"
	"asof/replay"
	"asof/replay/state"
)

// ask searches by asking. rec is a search to go on with; without one, the last
// search is gone on with if it was the same.
func (b *bisection) ask(rec *bisect.Record) (*bisect.Result, error) {
	if b.json && rec == nil {
		return nil, usagef("give --bad, --good or --run", "there is nobody to ask under --json")
	}
	n, err := b.session(rec)
	if err != nil {
		return nil, err
	}
	defer b.target.Close()
	if rec == nil {
		b.resumeLast(n)
	} else if err := resume(n, rec); err != nil {
		return nil, err
	}
	record := b.record()
	b.save(record, n)
	d := dialogue{bisection: b, n: n, record: record, lines: readLines(b.ctx, b.In)}
	if err := d.run(); err != nil {
		return nil, err
	}
	ans, err := n.Answer(b.ctx, "as answered")
	if err != nil {
		return nil, err
	}
	b.target.NoteGuess()
	b.restsOn(b.target)
	return ans, nil
}

// session prepares the search: of the range that was asked for, or of a record.
func (b *bisection) session(rec *bisect.Record) (*bisect.Session, error) {
	if rec != nil {
		r := rec.Range()
		b.recorded = &r
	}
	o, err := b.prepare(b.o.foldFlags)
	if err != nil {
		return nil, err
	}
	n, err := bisect.NewSession(b.ctx, b.target.Subject, o.From, o.To)
	if err != nil {
		b.target.Close()
	}
	return n, err
}

// resumeLast resumes the last search, if it was this one and has not ended.
func (b *bisection) resumeLast(n *bisect.Session) {
	last, _, err := b.lastSession()
	if err != nil || last == nil {
		return // it is about to be replaced
	}
	now := b.record()
	now.Note(n)
	if !last.CanResume(now) || last.Apply(n) != nil {
		n.Restart()
		return
	}
	if _, more := n.Search.Next(); !more {
		n.Restart()
		return
	}
	b.note("session", "going on with the last search; asof bisect reset begins anew")
}

// An inputLine is a line of the input, or the error that ended it.
type inputLine struct {
	text string
	err  error
}

// readLines reads lines in its own goroutine, which Ctrl-C need not wait for. The
// channel is closed at the end of the input.
func readLines(ctx context.Context, r io.Reader) <-chan inputLine {
	lines := make(chan inputLine)
	go func() {
		defer close(lines)
		send := func(l inputLine) bool {
			select {
			case lines <- l:
				return true
			case <-ctx.Done():
				return false
			}
		}
		s := bufio.NewScanner(r)
		for s.Scan() {
			if !send(inputLine{text: s.Text()}) {
				return
			}
		}
		if err := s.Err(); err != nil {
			send(inputLine{err: usagef("answer with a word; ? prints them", "the answer can't be read: %v", err)})
		}
	}()
	return lines
}

// A dialogue asks about one state after the other, on standard error: standard
// output is for the answer.
type dialogue struct {
	*bisection
	n      *bisect.Session
	record *bisect.Record
	lines  <-chan inputLine
}

// errStop is that the user wants to stop here.
var errStop = errors.New("stop")

func (d *dialogue) run() error {
	for index, more := d.n.Search.Next(); more; index, more = d.n.Search.Next() {
		err := d.question(index)
		if errors.Is(err, errStop) {
			d.note("session", "stopped; the same command goes on from here")
			return nil
		}
		if err != nil {
			return err
		}
		d.save(d.record, d.n)
	}
	return nil
}

// question shows a state and takes one answer.
func (d *dialogue) question(index int) error {
	m, err := d.n.Moment(d.ctx, index)
	if err != nil {
		return err
	}
	st, err := d.n.State(d.ctx, index)
	if err != nil {
		return err
	}
	since, good, known, err := d.n.LastGood(d.ctx)
	if err != nil {
		return err
	}
	q := render.Question{At: m, State: st, HasGood: known, Since: since}
	if known {
		q.Changes = state.Diff(good, st, state.DiffOptions{ArrayKeys: d.target.How.ArrayKeys})
	}
	q.Left, q.Tests = d.n.Search.Left()
	q.Old, q.New = d.term(bisect.MarkGood), d.term(bisect.MarkBad)
	d.show(func(p *render.Printer) { p.Asked(q) })
	for {
		d.show(func(p *render.Printer) { p.Prompt(q) })
		var line inputLine
		var ok bool
		select {
		case line, ok = <-d.lines:
		case <-d.ctx.Done():
			return d.ctx.Err()
		}
		if !ok {
			fmt.Fprintln(d.Err) // the line of the prompt was not ended
			return errStop
		}
		if line.err != nil {
			return line.err
		}
		again, err := d.answer(strings.TrimSpace(line.text), index, q)
		if err != nil || !again {
			return err
		}
	}
}

// answer takes one line. again is true when it was no answer to the question.
func (d *dialogue) answer(line string, index int, q render.Question) (again bool, err error) {
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
			d.note("session", "there is nothing to take back")
			return true, nil
		}
		return false, nil
	case "d", "diff":
		d.show(func(p *render.Printer) { p.Asked(q) })
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
	if err := d.n.Mark(index, mark); err != nil {
		d.note("session", err.Error())
		return true, nil
	}
	return false, nil
}

// event shows the event behind a state.
func (d *dialogue) event(at replay.Moment) error {
	if at.IsStart() {
		d.note("session", "this is the state before the first event")
		return nil
	}
	ans, err := inspect.Show(d.ctx, d.target.Subject, at)
	if err != nil {
		return err
	}
	d.show(func(p *render.Printer) { p.Shown(ans) })
	return nil
}

// show prints something of the dialogue.
func (d *dialogue) show(print func(*render.Printer)) {
	width, _ := d.Terminal(d.Err)
	p := render.New(d.Err, render.Options{Color: d.colour(d.Err), Width: width, Zone: d.zone})
	print(p)
	_ = p.Flush() // reading the answer will show whether anybody is there
}
