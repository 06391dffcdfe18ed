package ask

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"regexp/syntax"
	"time"

	"asof/inspect"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/workspace"
)

// Entries selects the events of a log and their form. Patch, Path, Value and Changed
// compare states of the whole history, whatever is listed.
type Entries struct {
	Types   []string `json:"types,omitempty" jsonschema:"only events of these types"`
	Since   string   `json:"since,omitempty" jsonschema:"only events recorded at this time or later, such as 2026-03-01 or 2 days ago"`
	Until   string   `json:"until,omitempty" jsonschema:"only events recorded at this time or earlier"`
	Where   string   `json:"where,omitempty" jsonschema:"only events for which this JavaScript expression over event is true, such as event.data.qty > 3"`
	Grep    string   `json:"grep,omitempty" jsonschema:"only events whose type or payload matches this regular expression"`
	Path    string   `json:"path,omitempty" jsonschema:"only events that changed this path of the state, or a path below it: such as /total or /items[sku=a]/qty"`
	Value   string   `json:"value,omitempty" jsonschema:"only events that made this value appear in the state or disappear from it"`
	Changed string   `json:"changed,omitempty" jsonschema:"only events that changed a path or value matching this regular expression"`
	Patch   bool     `json:"patch,omitempty" jsonschema:"also list the change each event made to the state"`
	Reverse bool     `json:"reverse,omitempty" jsonschema:"newest first"`
	Page

	// Resolved is called with the range before the first event is listed. It may be nil.
	Resolved func(replay.Interval) `json:"-"`
}

// resolved reports the range of the log.
func (q Entries) resolved(i replay.Interval) {
	if q.Resolved != nil {
		q.Resolved(i)
	}
}

// check rejects an invalid request about events folded as how says.
func (q Entries) check(how workspace.Folding) error {
	if err := CheckLimit(q.Limit); err != nil {
		return err
	}
	filter, err := q.filter(replay.Env{Now: time.Now(), Zone: time.UTC}, "where", js.Limits{})
	if err != nil {
		return err
	}
	if how.Strict && !q.Patch && !filter.Folds() {
		return workspace.Usage(fault.Try("ask for changes, or filter by a path or a value").Without("strict"), "strict has no effect here: nothing is folded")
	}
	return how.Check()
}

// CheckLimit rejects a negative limit.
func CheckLimit(n int) error {
	if n < 0 {
		return workspace.Usagef("write how many, or 0 for all", "limit %d is negative", n)
	}
	return nil
}

// begin narrows a log to the events after its cursor, and returns the cursors of a
// timeline. It returns false if nothing is left.
func (q Entries) begin(question any, t *replay.Timeline, o *inspect.LogOptions, n *logNotes) (bool, error) {
	n.page, n.filter = q.Page, o.Filter
	end := "" // of the list, for a path of the state there
	if hi, ok := o.Span.Hi(); ok && q.Path != "" {
		end = keyOf(hi)
	}
	n.peeks = q.takesAll() || q.Reverse && (q.Patch || o.Filter.Folds()) // which covers them all
	if q.Limit > 0 {
		o.Limit = q.Limit
		if n.peeks {
			o.Limit++
		}
	}
	n.cursor = func(e *inspect.Entry) string { return cursorAt(question, keyOf(t.Version(e.Event)), end) }
	keys, err := q.Page.begin(question, 2)
	if keys == nil || err != nil {
		return err == nil, err
	}
	v, err := versionKey(keys[0])
	if err != nil || keys[1] == "" {
		var ok bool
		o.Span, ok = spanAfter(o.Span, v, q.Reverse)
		return ok, err
	}
	hi, err := versionKey(keys[1])
	if err != nil {
		return false, err
	}
	end = keys[1]
	o.Span, _ = spanAfter(o.Span, hi+1, true)
	within, ok := spanAfter(o.Span, v, q.Reverse)
	o.Within = within
	return ok, nil
}

// takesAll reports whether there is no filter.
func (q Entries) takesAll() bool {
	return len(q.Types) == 0 && q.Since+q.Until+q.Where+q.Grep+q.Path+q.Value+q.Changed == ""
}

// options returns the entries as options for the log of a store.
func (q Entries) options(s *workspace.Store) (o inspect.LogOptions, err error) {
	w := s.Workspace()
	notePath(w, q.Path)
	o = inspect.LogOptions{Reverse: q.Reverse, Changes: q.Patch}
	if o.Filter, err = q.filter(w.Env(), w.Option("where"), w.ScriptLimits()); err != nil {
		return o, err
	}
	if info := s.Info(); (q.Since != "" || q.Until != "") && !info.Has("times") {
		return o, &replay.UnsupportedError{Dialect: info.Dialect, Lacks: "times", Next: fault.Remedy{}.Without("since", "until")}
	}
	return o, nil
}

// filter compiles the filters. Errors call the expression whereName.
func (q Entries) filter(env replay.Env, whereName string, limits js.Limits) (f inspect.Filter, err error) {
	f = inspect.Filter{Types: q.Types, Untimed: &inspect.Untimed{}}
	if f.Since, f.Until, err = workspace.ParsePeriod(q.Since, q.Until, env); err != nil {
		return f, err
	}
	if q.Path != "" {
		if err := checkPath(q.Path); err != nil {
			return f, err
		}
		if p := pathOf(q.Path); p.Keyed() {
			f.Keyed = p
		} else if f.Path, err = state.ParsePointer(p.Pointer); err != nil {
			return f, err
		}
	}
	if q.Grep != "" {
		re, err := pattern("grep", q.Grep)
		if err != nil {
			return f, err
		}
		f.Grep = func(e *replay.Event) bool { return re.MatchString(e.Type) || re.Match(e.Data) }
	}
	if q.Where != "" {
		if f.Where, f.Absent, err = where(q.Where, whereName, limits); err != nil {
			return f, err
		}
	}
	f.Changed, err = q.pickaxe()
	return f, err
}

// where is an expression over an event alone. absent says what it names and no event had.
func where(text, name string, limits js.Limits) (holds func(*replay.Event) (bool, error), absent func() []string, err error) {
	p, err := js.CompilePredicate(text, name, limits)
	if err != nil {
		return nil, nil, err
	}
	mentions := js.NewMentions(text)
	p.Watch(mentions)
	return func(e *replay.Event) (bool, error) {
		in, err := p.Test(state.Value{}, e)
		var failed *replay.FoldError
		if errors.As(err, &failed) && failed.Next.IsZero() {
			failed.Next = fault.Try("the filter runs on every event: write event.data.x?.y if some events have no x")
		}
		return in, err
	}, mentions.Absent, nil
}

// pickaxe returns the filter for Value and Changed, or nil.
func (q Entries) pickaxe() (func([]state.Change) bool, error) {
	if q.Value == "" && q.Changed == "" {
		return nil, nil
	}
	var re *regexp.Regexp
	if q.Changed != "" {
		var err error
		if re, err = pattern("-G", q.Changed); err != nil {
			return nil, err
		}
	}
	return func(changes []state.Change) bool {
		if q.Value != "" && inspect.OccurrenceChange(changes, q.Value) == 0 {
			return false
		}
		return re == nil || inspect.AnyMatch(changes, re.MatchString)
	}, nil
}

func pattern(option, text string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(text)
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		next := fault.Try("the syntax is that of https://golang.org/s/re2syntax")
		if literal := regexp.QuoteMeta(text); literal != text {
			next.For, next.Near = text, []string{literal}
		}
		return nil, workspace.Usage(next, "bad %s %q: %s", option, text, wrong.Code)
	}
	return re, nil
}

// json encodes a log, one line per event.
func (q Entries) json(seq iter.Seq2[*inspect.Entry, error]) iter.Seq2[wire.Entry, error] {
	return func(yield func(wire.Entry, error) bool) {
		var bodies wire.Bodies
		for e, err := range seq {
			var line wire.Entry
			if err == nil {
				line = bodies.Entry(e, q.Patch)
			}
			if !yield(line, err) {
				return
			}
		}
	}
}

// span resolves the range of a log. ok is false if it is empty, which is noted. A
// single point is the range up to it, as in git log; a note says which events that
// lists.
func span(ctx context.Context, t *workspace.Target, at string) (i replay.Interval, s replay.Span[replay.Version], ok bool, err error) {
	rng, err := t.Range(at)
	if err != nil {
		return i, s, false, err
	}
	if i, err = t.Resolve(ctx, rng); err != nil {
		return i, s, false, err
	}
	text, _ := t.Point(at)
	if err := workspace.CheckForward(i, text); err != nil {
		return i, s, false, err
	}
	s, ok = i.Span()
	_, timed := rng.To.Time()
	note := t.Workspace().Note
	to, after := i.To.At()
	switch {
	case !after:
		note(replay.NoticeEmpty, "no events in that range: it ends before the first event")
	case !ok:
		note(replay.NoticeEmpty, fmt.Sprintf("no events in that range: %s begins after its first point; @%s is the event at %d", rng, alone(to), to))
	case rng.Single && !timed && rng.To != replay.Head():
		note(noticeUpTo, fmt.Sprintf("@%s lists the events up to %d; @%s lists that event alone", rng.To, to, alone(to)))
	}
	return i, s, ok, nil
}

// noticeUpTo notes that a single point was read as the end of a range.
const noticeUpTo = "up_to"

// alone returns the range of a single event.
func alone(v replay.Version) string { return fmt.Sprintf("%d~1..%d", v, v) }
