package ask

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"asof/inspect/audit"
	"asof/inspect/bisect"
	"asof/inspect/report"
	"asof/inspect/report/page"
	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold/js"
	"asof/replay/workspace"
)

// Report asks for the history of a timeline as one HTML page, which needs no server, no
// network and no script to be read.
type Report struct {
	Timeline
	Condition
	Culprit bool     `json:"culprit,omitempty" jsonschema:"find the first event that breaks an invariant of asof.toml"`
	Note    string   `json:"note,omitempty" jsonschema:"a file with your own words, in Markdown"`
	Redact  []string `json:"redact,omitempty" jsonschema:"withhold the values at these paths of every event, such as /data/email"`
	Out     string   `json:"out" jsonschema:"file for the page"`
	Force   bool     `json:"force,omitempty" jsonschema:"replace a file that is not a page of asof"`
}

// A Reported is a report and the page of it.
type Reported struct {
	*report.Report
	File      string
	Bytes     int64
	Survivors []audit.Survivor // where erased values were found that the redaction does not name
}

const (
	// maxNote bounds a note, in bytes.
	maxNote = 1 << 20
	// largePage is the size from which a page opens slowly, in bytes.
	largePage = 20 << 20
)

// The codes of notices about a page.
const (
	NoticeLarge = "large"         // it is large
	NoticeNote  = "note-withheld" // a redaction erased what its note contains
)

// Check rejects an invalid request.
func (q Report) Check() error {
	if q.Out == "" {
		return workspace.Usage(fault.Try("name a file").With("out", "report.html"), "no file given for the page")
	}
	if q.Culprit && q.Given() {
		return workspace.Usagef("give one of them", "both a condition and the invariants of the project")
	}
	if err := q.Condition.Check(); err != nil {
		return err
	}
	if _, err := redactionOf(q.Redact); err != nil {
		return err
	}
	return q.Timeline.Check()
}

// Ask answers the question.
func (q Report) Ask(ctx context.Context, w *workspace.Workspace) (*Reported, error) {
	return one(ctx, w, q)
}

// precheck rejects a question about the invariants of a project that has none.
func (q Report) precheck(w *workspace.Workspace) error {
	if q.Culprit {
		_, err := CheckStore{StoreRef: q.StoreRef, Folding: q.Folding}.rules(w)
		return err
	}
	return nil
}

// Of answers the question about an open store.
func (q Report) Of(ctx context.Context, s *workspace.Store) (answer *Reported, err error) {
	w := s.Workspace()
	files, err := w.Files()
	if err != nil {
		return nil, err
	}
	note, err := q.readNote(ctx, w)
	if err != nil {
		return nil, err
	}
	file, err := files.Rewrite(q.Out, func(head []byte) bool { return q.Force || page.Ours(head) })
	if err != nil {
		return nil, err
	}
	defer func() {
		if answer == nil {
			file.Discard()
		}
	}()
	said := &remarks{}
	s = s.Noting(said.note)
	erased, err := q.erased(ctx, s)
	if err != nil {
		return nil, err
	}
	o := page.Options{Zone: w.Env().Zone}
	if erased != nil {
		s, o.Hide = s.Through(erased.Reader(s.Reader)), erased.Text
	}
	r, err := q.collect(ctx, s, o.Hide)
	w.Notices(said.all)
	if err != nil {
		return nil, err
	}
	r.Note, r.Withheld, r.Remarks = note, q.Redact, said.texts()
	out := &countingWriter{to: file}
	if err := page.Write(out, r, o); err != nil {
		if out.n > 0 && !file.Discard() {
			err = final(err)
		}
		return nil, err
	}
	if err := file.Keep(); err != nil {
		return nil, err
	}
	answer = &Reported{Report: r, File: q.Out, Bytes: out.n}
	if erased != nil {
		answer.Survivors = erased.Survivors()
	}
	if note != "" && o.Hide != nil && o.Hide(note) != note {
		w.Note(NoticeNote, "the note contains an erased value: the page has "+audit.Withheld+" in its place")
	}
	if out.n > largePage {
		w.Note(NoticeLarge, fmt.Sprintf("the page has %d MB, and browsers open it slowly: a part of the history, such as %s@head~1000..head, is smaller", out.n>>20, r.Stream))
	}
	return answer, nil
}

// remarks collects what several questions say about their answers, once.
type remarks struct{ all []replay.Notice }

func (r *remarks) note(n replay.Notice) {
	if !slices.Contains(r.all, n) {
		r.all = append(r.all, n)
	}
}

func (r *remarks) texts() (all []string) {
	for _, n := range r.all {
		if n.Code != "merge" { // the page says it elsewhere
			all = append(all, n.Text)
		}
	}
	return all
}

func (q Report) readNote(ctx context.Context, w *workspace.Workspace) (string, error) {
	if q.Note == "" {
		return "", nil
	}
	b, err := w.ReadFile(ctx, q.Note, "the note", maxNote)
	return string(b), err
}

// erased reads the history once and returns what the redaction erases in it, or nil
// without one.
func (q Report) erased(ctx context.Context, s *workspace.Store) (*audit.Erased, error) {
	if len(q.Redact) == 0 {
		return nil, nil
	}
	r, err := redactionOf(q.Redact)
	if err != nil {
		return nil, err
	}
	s = s.Through(s.Reader).Noting(func(replay.Notice) {}) // keeps nothing of what is to be withheld
	var erased *audit.Erased
	err = q.in(ctx, s, func(t *workspace.Target) error {
		erased, err = r.Erased(t.Timeline.List(ctx, replay.Listing{}))
		return err
	})
	return erased, err
}

// collect answers the questions of the report.
func (q Report) collect(ctx context.Context, s *workspace.Store, hide func(string) string) (r *report.Report, err error) {
	w := s.Workspace()
	findings, err := q.findings(ctx, s)
	if err != nil {
		return nil, err
	}
	err = q.overRange(ctx, s, func(t *workspace.Target, i replay.Interval) error {
		meter := w.Work("events", -1)
		defer meter.Done()
		o := report.Options{Marked: marked(i, findings), Hide: hide, Progress: func() { meter.Add(1) }}
		if r, err = report.New(ctx, t.Subject, i, o); err != nil {
			return err
		}
		r.Store, r.Findings = q.Store, findings
		if t.How != nil {
			r.Guessed = t.How.Guessed
		}
		t.NoteGuess()
		t.NoteBasis(ctx)
		return nil
	})
	return r, err
}

// marked names the points whose states are shown whole: the ends of the range, and the
// state around each first bad event.
func marked(i replay.Interval, findings []report.Finding) []report.Mark {
	names := map[replay.Version]string{}
	var moments []replay.Moment
	mark := func(m replay.Moment, name string) {
		if m.IsStart() {
			return
		}
		if _, ok := names[m.Version()]; !ok {
			names[m.Version()] = name
			moments = append(moments, m)
		}
	}
	for _, f := range findings {
		if b := f.Bisect; b.Culprit != nil {
			mark(b.After, "the first bad state")
			mark(b.Before, "the last good state before it")
		}
	}
	mark(i.To, "the end")
	mark(i.From, "before the range")
	slices.SortFunc(moments, func(a, b replay.Moment) int { return cmp.Compare(a.Version(), b.Version()) })
	var all []report.Mark
	for _, m := range moments {
		all = append(all, report.Mark{Moment: m, Name: names[m.Version()]})
	}
	return all
}

// findings answers why the state is bad, for each condition that is broken.
func (q Report) findings(ctx context.Context, s *workspace.Store) ([]report.Finding, error) {
	if q.Given() {
		f, err := q.search(ctx, s, "", q.Condition)
		if err != nil {
			return nil, err
		}
		return []report.Finding{*f}, nil
	}
	if !q.Culprit {
		return nil, nil
	}
	rules, err := q.rules(ctx, s)
	if err != nil {
		return nil, err
	}
	var all []report.Finding
	for _, r := range rules {
		f, err := q.search(ctx, s, r.Name, r.condition())
		if err != nil {
			return nil, err
		}
		all = append(all, *f)
	}
	slices.SortStableFunc(all, func(a, b report.Finding) int { return rank(a.Bisect) - rank(b.Bisect) })
	return all, nil
}

// rank puts the broken invariants first, the one that broke first before the others.
func rank(b *bisect.Result) int {
	switch b.Verdict {
	case bisect.AlwaysBad:
		return 0
	case bisect.Found:
		return 1
	case bisect.Inconclusive:
		return 2
	case bisect.NeverBad:
	}
	return 3
}

// rules are the invariants of the project that are for the timeline.
func (q Report) rules(ctx context.Context, s *workspace.Store) ([]checkRule, error) {
	all, err := CheckStore{StoreRef: q.StoreRef, Folding: q.Folding}.rules(s.Workspace())
	if err != nil {
		return nil, err
	}
	var rules []checkRule
	err = q.in(ctx, s, func(t *workspace.Target) error {
		for _, r := range all {
			if r.proj == nil || r.proj.Name == t.Projection || t.How != nil && r.proj.Name == t.How.Name ||
				q.Fold != "" && t.Projection == "" && r.proj.Matches(t.Stream.ID, t.Stream.Category) {
				rules = append(rules, r)
			}
		}
		return nil
	})
	if err == nil && len(rules) == 0 {
		return nil, workspace.Usage(fault.Try("give an expression").With("bad", "state.total < 0"), "no invariant of the project applies to %s", q.Stream)
	}
	return rules, err
}

// search bisects the range, and explains what it finds.
func (q Report) search(ctx context.Context, s *workspace.Store, name string, c Condition) (*report.Finding, error) {
	b, err := Bisect{Bisection: Bisection{Timeline: q.Timeline}, Condition: c}.Of(ctx, s)
	if err != nil {
		return nil, err
	}
	f := &report.Finding{Invariant: name, Bisect: b}
	if b.Culprit == nil {
		return f, nil
	}
	path := js.NewMentions(c.Bad + c.Good).Path()
	if b.Cause != nil {
		path = b.Cause.Path
	}
	if path != "" {
		here := Why{Timeline: on(q.StoreRef, q.Folding, pointOf(b.After)), Path: path}
		f.Why, err = here.Of(ctx, s)
		if err := unanswered(ctx, f, "where "+path+" comes from", err); err != nil {
			return nil, err
		}
	}
	return f, q.imagine(ctx, s, f)
}

// imagine simulates the range without the first bad event, and without the event that may
// be the cause.
func (q Report) imagine(ctx context.Context, s *workspace.Store, f *report.Finding) error {
	type dropped struct {
		at replay.Moment
		e  *replay.Event
	}
	b := f.Bisect
	drop := []dropped{{b.After, b.Culprit}}
	if b.Cause != nil && b.Cause.Input != nil {
		by := b.Cause.Input.By
		drop = append(drop, dropped{by.Moment, by.Event})
	}
	for _, d := range drop {
		v := d.at.Version()
		x, err := Whatif{
			Timeline: on(q.StoreRef, q.Folding, pointOf(b.To)),
			Edits:    []Edit{{Kind: whatif.Drop, Version: v, Text: fmt.Sprintf("%s %d", whatif.Drop, v)}},
		}.Of(ctx, s)
		if err := unanswered(ctx, f, fmt.Sprintf("the state without %d", v), err); err != nil {
			return err
		}
		if err == nil {
			f.Whatif = append(f.Whatif, report.Whatif{Without: d.e, Moment: d.at, Result: x})
		}
	}
	return nil
}

// unanswered notes on a finding that a part of it is not known. The error of the store, or
// of an interruption, ends the report.
func unanswered(ctx context.Context, f *report.Finding, what string, err error) error {
	var broken *replay.StoreError
	if err == nil || ctx.Err() != nil || errors.As(err, &broken) {
		return err
	}
	f.Errors = append(f.Errors, what+" is not known: "+err.Error())
	return nil
}
