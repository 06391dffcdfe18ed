package cmd

import (
	"github.com/spf13/cobra"

	"asof/replay"
	"asof/replay/fold"
	"asof/replay/fold/exec"
	"asof/replay/fold/js"
	"asof/replay/project"
	"asof/replay/state"
)

// foldFlags say how events become state.
type foldFlags struct {
	folds      []string
	projection string
	arrayKeys  []string
	strict     bool
}

func (f *foldFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVar(&f.folds, "fold", nil, "how to fold: FILE.js, JavaScript over s and e, merge, or exec:COMMAND")
	fl.StringVar(&f.projection, "projection", "", "fold by this projection of asof.toml")
	fl.StringSliceVar(&f.arrayKeys, "array-key", nil, "the member that identifies an object in an array (default: id, sku, key … where each has its own)")
	fl.BoolVar(&f.strict, "strict", false, "an event that no handler takes is an error")
}

// folding is what folds, and what to say of it.
type folding struct {
	fold        replay.Fold
	provisional bool // merge, because nothing better was given
	name        string
	note        func(code, text string)
}

// close lets go of what folds. What a command has answered is used by then: that
// it was not sound, and what it has to say for itself, can only be noted.
func (h folding) close() {
	c, ok := h.fold.Reducer.(replay.Closer)
	if !ok {
		return
	}
	if err := c.Close(); err != nil {
		h.note("warning", err.Error())
	}
	if s, ok := c.(replay.StderrTailer); ok && s.StderrTail() != "" {
		h.note("command", h.fold.Reducer.Name()+" says:\n"+s.StderrTail())
	}
}

// warnings are what the reducer noticed, such as numbers that a script rounded.
func (h folding) warnings() []string {
	if w, ok := h.fold.Reducer.(replay.Warner); ok {
		return w.Warnings()
	}
	return nil
}

// result is the state as the projection shapes it: where it keeps one for each
// partition, each of them.
func (h folding) result(v state.Value) (state.Value, error) {
	r, ok := h.fold.Reducer.(replay.Resulter)
	if !ok {
		return v, nil
	}
	if !h.fold.Partitioned {
		return shaped(r, v)
	}
	whole := state.NewObject()
	var err error
	v.Node().Each(func(part string, own state.Value) bool {
		if own, err = shaped(r, own); err == nil {
			whole.Set(part, own)
		}
		return err == nil
	})
	return whole.Value(), err
}

func shaped(r replay.Resulter, v state.Value) (state.Value, error) {
	st := state.New()
	st.SetRoot(st.Adopt(v))
	if _, err := st.Commit(false); err != nil {
		return v, err
	}
	return r.Result(st)
}

// foldFor says how one stream is folded: by --fold, --projection, the projection
// of asof.toml that is for it, or merge.
func (a *app) foldFor(id replay.StreamID, category string, f foldFlags) (folding, error) {
	if len(f.folds) > 1 {
		return folding{}, usagef("give --fold once; diff and bisect compare two", "%d folds", len(f.folds))
	}
	if len(f.folds) == 1 {
		if f.projection != "" {
			return folding{}, usagef("give one of them", "--fold and --projection")
		}
		return a.foldOf(f.folds[0], f)
	}
	proj, err := a.project()
	if err != nil {
		return folding{}, err
	}
	if f.projection != "" {
		if proj == nil {
			return folding{}, usagef("write an asof.toml, or give --fold FILE.js", "--projection %q: there is no asof.toml here or above", f.projection)
		}
		p, err := proj.Projection(f.projection)
		if err != nil {
			return folding{}, err
		}
		return a.openProjection(p, f)
	}
	if proj != nil {
		if p, ok := proj.ProjectionFor(id, category); ok {
			return a.openProjection(p, f)
		}
	}
	return folding{
		fold: replay.Fold{Reducer: fold.Merge(), ArrayKeys: f.arrayKeys, Strict: f.strict}, provisional: true, name: "merge",
	}, nil
}

func (a *app) openProjection(p *project.Projection, f foldFlags) (folding, error) {
	r, up, err := p.Open(project.OpenOptions{AllowExec: a.Env("ASOF_ALLOW_EXEC") == "1", Script: a.limits(), Exec: a.execOptions()})
	if err != nil {
		return folding{}, err
	}
	keys := f.arrayKeys
	if keys == nil {
		keys = p.ArrayKeys
	}
	return folding{fold: replay.Fold{Reducer: r, Upcaster: up, ArrayKeys: keys, Strict: f.strict}, name: p.Name, note: a.note}, nil
}

func (a *app) execOptions() exec.Options { return exec.Options{Dir: a.Dir} }

// limits bounds scripts. One that is stuck in a huge built-in operation can only
// be left by ending the process.
func (a *app) limits() js.Limits {
	return js.Limits{Note: a.Note, Stuck: func(err error) {
		a.Exit(a.finish(a.ran, err))
	}}
}

// foldOf reads what stands behind --fold.
func (a *app) foldOf(text string, f foldFlags) (folding, error) {
	h := folding{name: text, note: a.note}
	h.fold.ArrayKeys, h.fold.Strict = f.arrayKeys, f.strict
	var err error
	switch source := fold.ParseSource(text); source.Kind {
	case fold.KindMerge:
		h.fold.Reducer = fold.Merge()
	case fold.KindCommand:
		h.fold.Reducer, err = a.execFold(source.Text)
	case fold.KindFile:
		var src string
		if src, err = a.readSource(source.Text); err == nil {
			h.fold.Reducer, err = js.Load(text, src, a.limits())
		}
	case fold.KindInline:
		h.fold.Reducer, err = js.LoadInline("--fold", text, a.limits())
	}
	return h, err
}

func (a *app) execFold(command string) (replay.Reducer, error) {
	argv, err := exec.ParseCommand(command)
	if err != nil {
		return nil, usagef("quote it as a shell would: --fold 'exec:python3 fold.py'", "bad --fold %q: %v", "exec:"+command, err)
	}
	return exec.New(argv, a.execOptions()), nil
}

// maxSource bounds a script, so that a wrong path does not fill the memory.
const maxSource = 16 << 20

func (a *app) readSource(path string) (string, error) {
	text, err := a.small(path, "a script", maxSource)
	return string(text), err
}

// streamFolds opens each projection once for all the streams that it is for.
type streamFolds struct {
	app    *app
	flags  foldFlags
	byName map[string]folding
}

func (a *app) eachStream(f foldFlags) *streamFolds {
	return &streamFolds{app: a, flags: f, byName: map[string]folding{}}
}

func (s *streamFolds) forStream(id replay.StreamID, category string) (replay.Fold, error) {
	name, err := s.app.foldName(id, category, s.flags)
	if err != nil {
		return replay.Fold{}, err
	}
	h, ok := s.byName[name]
	if !ok {
		if h, err = s.app.foldFor(id, category, s.flags); err != nil {
			return replay.Fold{}, err
		}
		s.byName[name] = h
	}
	return h.fold, nil
}

// foldName tells the folds of foldFor apart without opening them.
func (a *app) foldName(id replay.StreamID, category string, f foldFlags) (string, error) {
	if len(f.folds) > 0 || f.projection != "" {
		return "", nil
	}
	proj, err := a.project()
	if err != nil || proj == nil {
		return "", err
	}
	if p, ok := proj.ProjectionFor(id, category); ok {
		return "proj:" + p.Name, nil
	}
	return "merge", nil
}

func (s *streamFolds) close() {
	for _, h := range s.byName {
		h.close()
	}
}

// note says what folded, for a question about many streams.
func (s *streamFolds) note() {
	for _, h := range s.byName {
		for _, w := range h.warnings() {
			s.app.note("warning", w)
		}
		if h.provisional {
			s.app.note("merge", "streams without a projection were folded by merge")
		}
	}
}
