package ask

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/project"
	"asof/replay/workspace"
)

// An Excerpt is the part of a store in an audit trail, and its folds.
type Excerpt struct {
	workspace.StoreRef
	workspace.Folding
	Streams    []string `json:"streams,omitempty" jsonschema:"only these streams, or those of a pattern such as order-*"`
	Categories []string `json:"categories,omitempty" jsonschema:"only streams of these categories"`
	From       string   `json:"from,omitempty" jsonschema:"only events recorded at this time or later"`
	To         string   `json:"to,omitempty" jsonschema:"only events recorded before this time"`
	Redact     []string `json:"redact,omitempty" jsonschema:"withhold the values at these paths, such as /data/email"`
	Basis      string   `json:"basis,omitempty" jsonschema:"why it is withheld, such as gdpr17"`
	By         string   `json:"by,omitempty" jsonschema:"who decided to withhold it"`
	Date       string   `json:"date,omitempty" jsonschema:"date of the report; default none, so that the same input gives the same bytes"`
	Key        string   `json:"key,omitempty" jsonschema:"file with the private key; default ASOF_AUDIT_KEY"`

	// Command is the command line for the report, with the store as the fourth word. It
	// may be nil.
	Command []string `json:"-"`
}

// Check rejects an invalid request.
func (q Excerpt) Check() error {
	if _, err := q.redaction(); err != nil {
		return err
	}
	if _, err := selects(q.Streams, q.Categories); err != nil {
		return err
	}
	if err := q.StoreRef.Check(); err != nil {
		return err
	}
	return q.Folding.Check()
}

// In returns the store.
func (q Excerpt) In() workspace.StoreRef { return q.StoreRef }

// Export asks for an audit trail as a sealed bundle, in a new folder.
type Export struct {
	Excerpt
	Out    string       `json:"out" jsonschema:"folder for the bundle, which must not exist"`
	States audit.States `json:"states,omitempty" jsonschema:"states in the bundle: ends (of the period, the default), each (after every event) or none"`
}

// Check rejects an invalid request.
func (q Export) Check() error {
	if q.Out == "" {
		return workspace.Usage(fault.Try("choose csv, html, md or ndjson for a plain trail, or name a folder").With("out", "q1"), "no folder given for the bundle")
	}
	switch q.States {
	case "", audit.StatesEach, audit.StatesEnds, audit.StatesNone:
	default:
		return workspace.Usagef("write ends, each or none", "bad states %q", q.States)
	}
	return q.Excerpt.Check()
}

// Ask answers the question.
func (q Export) Ask(ctx context.Context, w *workspace.Workspace) (*audit.Exported, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Export) Of(ctx context.Context, s *workspace.Store) (answer *audit.Exported, err error) {
	w := s.Workspace()
	err = q.export(ctx, s, func(files workspace.Files, x *audit.Export) error {
		x.States = cmp.Or(q.States, audit.StatesEnds)
		if x.Key, err = signingKey(ctx, w, q.Key); err != nil {
			return err
		}
		dir, err := files.Folder(q.Out)
		if err != nil {
			return err
		}
		if q.Store != "-" {
			x.Recount = func(ctx context.Context) (audit.Counted, error) { return recount(ctx, w, q.StoreRef) }
		}
		if answer, err = x.Run(ctx, dir); err == nil {
			answer.Dir = q.Out
			w.Notices(answer.Incomplete.Notices())
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// recount opens the store again and counts its events.
func recount(ctx context.Context, w *workspace.Workspace, ref workspace.StoreRef) (audit.Counted, error) {
	s, err := w.Store(ctx, ref)
	if err != nil {
		return audit.Counted{}, err
	}
	defer s.Close() //nolint:errcheck // only read
	return audit.Highest(ctx, s.Reader)
}

// Trail asks for an audit trail for people, in a file. It proves nothing on its own.
type Trail struct {
	Excerpt
	Out    string `json:"out" jsonschema:"file for the trail"`
	Format string `json:"format" jsonschema:"csv, html, md or ndjson"`
}

// Check rejects an invalid request.
func (q Trail) Check() error {
	if q.Out == "" {
		return workspace.Usage(fault.Try("name a file").With("out", "trail.html"), "no file given for the trail")
	}
	if !slices.Contains(audit.Formats, q.Format) {
		return workspace.Usagef("write csv, html, md or ndjson", "bad format %q", q.Format)
	}
	return q.Excerpt.Check()
}

// Ask answers the question.
func (q Trail) Ask(ctx context.Context, w *workspace.Workspace) (*audit.Trailed, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Trail) Of(ctx context.Context, s *workspace.Store) (answer *audit.Trailed, err error) {
	w := s.Workspace()
	err = q.export(ctx, s, func(files workspace.Files, x *audit.Export) error {
		if q.Key != "" {
			if x.Key, err = signingKey(ctx, w, q.Key); err != nil {
				return err
			}
		}
		t := &audit.Trail{Export: *x, Zone: w.Env().Zone}
		if len(q.Categories) == 0 && !slices.ContainsFunc(q.Streams, project.IsGlob) {
			for _, id := range q.Streams {
				t.Streams = append(t.Streams, replay.StreamID(id))
			}
		}
		file, err := files.Create(q.Out)
		if err != nil {
			return err
		}
		out := &countingWriter{to: file}
		if answer, err = t.Write(ctx, out, q.Format); err == nil {
			err = file.Keep()
		}
		if err == nil {
			w.Notices(answer.Account.Notices())
			return nil
		}
		if undone := file.Discard(); !undone && out.n > 0 {
			err = final(err)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// A countingWriter counts the bytes it writes.
type countingWriter struct {
	to io.Writer
	n  int64
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	w.n += int64(n)
	return n, err
}

// final marks an error after which the store is not read again, because the reader
// already has part of the answer.
func final(err error) error {
	var failed *replay.StoreError
	if !errors.As(err, &failed) {
		return err
	}
	last := *failed
	last.Err = errors.New(failed.Err.Error())
	return &last
}

// export calls run with the files of the host and the export of an excerpt of an open
// store, without a key. Then it notes the warnings of the folds.
func (q Excerpt) export(ctx context.Context, s *workspace.Store, run func(workspace.Files, *audit.Export) error) error {
	files, err := s.Workspace().Files()
	if err != nil {
		return err
	}
	x, folds, err := q.of(ctx, s)
	if err != nil {
		return err
	}
	defer folds.Close()
	if err := run(files, x); err != nil {
		return err
	}
	folds.NoteWarnings()
	return nil
}

// of returns the export of an excerpt of an open store, without a key. The caller
// closes the folds.
func (q Excerpt) of(ctx context.Context, s *workspace.Store) (*audit.Export, *workspace.Folds, error) {
	w := s.Workspace()
	x := &audit.Export{Reader: s.Reader}
	var err error
	if x.Redact, err = q.redaction(); err != nil {
		return nil, nil, err
	}
	if x.Select, err = q.selection(w.Env()); err != nil {
		return nil, nil, err
	}
	if err := q.about(&x.About, s); err != nil {
		return nil, nil, err
	}
	folds := w.Folds(q.Folding)
	x.Projection = projections(ctx, w, folds.For(ctx), q.Folding)
	return x, folds, nil
}

func (q Excerpt) redaction() (*audit.Redaction, error) {
	if len(q.Redact) == 0 {
		if q.Basis != "" || q.By != "" {
			return nil, workspace.Usage(fault.Try("give the paths to withhold").With("redact", "/data/email"), "basis and by without redact")
		}
		return nil, nil
	}
	return newRedaction(q.Redact, q.Basis, q.By)
}

// redactionOf parses the paths to withhold; nil if there are none.
func redactionOf(paths []string) (*audit.Redaction, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	return newRedaction(paths, "", "")
}

func newRedaction(paths []string, basis, by string) (*audit.Redaction, error) {
	r, err := audit.NewRedaction(paths, basis, by)
	var bad *audit.PatternError
	if errors.As(err, &bad) {
		return nil, workspace.Usage(bad.Remedy(), "redact: %v", err)
	}
	return r, err
}

// selection parses the filters.
func (q Excerpt) selection(env replay.Env) (s audit.Selection, err error) {
	s.Patterns, s.Categories = q.Streams, q.Categories
	if s.From, err = workspace.ParseTime("from", q.From, env); err != nil {
		return s, err
	}
	if s.To, err = workspace.ParseTime("to", q.To, env); err != nil {
		return s, err
	}
	if !s.From.IsZero() && !s.To.IsZero() && !s.From.Before(s.To) {
		return s, workspace.Usagef("from is the start of the period and to its end", "from is not before to")
	}
	s.Match, err = selects(q.Streams, q.Categories)
	return s, err
}

// selects returns a filter for streams, by ids, patterns and categories; nil if all
// match.
func selects(streams, categories []string) (func(id replay.StreamID, category string) bool, error) {
	if len(streams)+len(categories) == 0 {
		return nil, nil
	}
	exact := map[replay.StreamID]bool{}
	var globs []func(string) bool
	for _, p := range streams {
		exact[replay.StreamID(p)] = true
		if !project.IsGlob(p) {
			continue
		}
		g, err := project.Glob(p)
		if err != nil {
			return nil, workspace.Usagef("a glob has * for any run of characters, ? for one, [a-z] for one of a set", "bad stream %q: %v", p, err)
		}
		globs = append(globs, g)
	}
	return func(id replay.StreamID, category string) bool {
		return exact[id] || slices.Contains(categories, category) ||
			slices.ContainsFunc(globs, func(g func(string) bool) bool { return g(string(id)) })
	}, nil
}
