package workspace

import (
	"context"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold"
	"asof/replay/fold/exec"
	"asof/replay/fold/js"
	"asof/replay/project"
	"asof/replay/state"
)

// A Folding says how to fold events. The zero value means the projection of
// asof.toml that matches the stream, or else merge.
type Folding struct {
	Fold       string   `json:"fold,omitempty" jsonschema:"the fold: a file such as cart.js, JavaScript over s and e, or merge"`
	Projection string   `json:"projection,omitempty" jsonschema:"fold by this projection of asof.toml"`
	ArrayKeys  []string `json:"array_keys,omitempty" jsonschema:"the members that identify an object in an array"`
	Strict     bool     `json:"strict,omitempty" jsonschema:"fail on an event without a handler"`
}

// Check returns an error if the fields contradict each other.
func (f Folding) Check() error {
	if f.Fold != "" && f.Projection != "" {
		return Usagef("give one of them", "both fold and projection")
	}
	return nil
}

// A Fold is an open fold, and how it was chosen.
type Fold struct {
	replay.Fold
	Name    string // name of the projection, or the text of the fold
	Guessed bool   // it is merge by default

	w *Workspace
}

// IsGuess reports whether the states are a guess of merge.
func (f *Fold) IsGuess() bool { return f.Guessed && fold.IsGuess(f.Reducer) }

// Close closes the reducer. The final error of a command, and its standard
// error, become notes: its answers have already been used.
func (f *Fold) Close() {
	c, ok := f.Reducer.(replay.Closer)
	if !ok {
		return
	}
	if err := c.Close(); err != nil {
		f.w.Note("warning", err.Error())
	}
	if s, ok := c.(replay.StderrTailer); ok && s.StderrTail() != "" {
		f.w.Note("command", f.Reducer.Name()+" says:\n"+s.StderrTail())
	}
}

// Warnings returns the reducer's warnings, for example about rounded numbers.
func (f *Fold) Warnings() []string {
	if w, ok := f.Reducer.(replay.Warner); ok {
		return w.Warnings()
	}
	return nil
}

// Result returns the result that the projection derives from a state. If the fold is
// partitioned, it returns an object with the result of each partition.
func (f *Fold) Result(v state.Value) (state.Value, error) {
	r, ok := f.Reducer.(replay.Resulter)
	if !ok {
		return v, nil
	}
	if !f.Partitioned {
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

// FoldFor opens the fold of one stream: the one that how names, the projection of
// asof.toml that matches the stream, or merge.
func (w *Workspace) FoldFor(ctx context.Context, id replay.StreamID, category string, how Folding) (*Fold, error) {
	if err := how.Check(); err != nil {
		return nil, err
	}
	if how.Fold != "" {
		return w.foldOf(ctx, how)
	}
	proj, err := w.Project()
	if err != nil {
		return nil, err
	}
	if how.Projection != "" {
		p, err := w.Projection(how.Projection)
		if err != nil {
			return nil, err
		}
		return w.OpenProjection(p, how)
	}
	if proj != nil {
		if p, ok := proj.ProjectionFor(id, category); ok {
			return w.OpenProjection(p, how)
		}
	}
	merge := replay.Fold{Reducer: fold.Merge(), ArrayKeys: how.ArrayKeys, Strict: how.Strict}
	return &Fold{Fold: merge, Guessed: true, Name: "merge", w: w}, nil
}

// Projection returns the projection of that name.
func (w *Workspace) Projection(name string) (*project.Projection, error) {
	proj, err := w.Project()
	if err != nil {
		return nil, err
	}
	if proj == nil {
		return nil, Usage(fault.Try("write an asof.toml, or fold by a script").With("fold", "FILE.js"), "projection %q: there is no asof.toml here or above", name)
	}
	return proj.Projection(name)
}

// OpenProjection opens the fold of a projection of asof.toml.
func (w *Workspace) OpenProjection(p *project.Projection, how Folding) (*Fold, error) {
	r, up, err := p.Open(project.OpenOptions{
		AllowExec: w.host.Getenv("ASOF_ALLOW_EXEC") == "1", Script: w.scripts, Exec: w.execOptions(),
	})
	if err != nil {
		return nil, err
	}
	keys := how.ArrayKeys
	if keys == nil {
		keys = p.ArrayKeys
	}
	return &Fold{Fold: replay.Fold{Reducer: r, Upcaster: up, ArrayKeys: keys, Strict: how.Strict}, Name: p.Name, w: w}, nil
}

func (w *Workspace) execOptions() exec.Options { return exec.Options{Dir: w.host.Dir} }

// foldOf opens the fold that a text describes.
func (w *Workspace) foldOf(ctx context.Context, how Folding) (*Fold, error) {
	f := &Fold{Name: how.Fold, w: w}
	f.ArrayKeys, f.Strict = how.ArrayKeys, how.Strict
	var err error
	switch source := fold.ParseSource(how.Fold); source.Kind {
	case fold.KindMerge:
		f.Reducer = fold.Merge()
	case fold.KindCommand:
		f.Reducer, err = w.execFold(source.Text)
	case fold.KindFile:
		var src string
		if src, err = w.ReadScript(ctx, source.Text); err == nil {
			f.Reducer, err = js.Load(source.Text, src, w.scripts)
		}
	case fold.KindInline:
		f.Reducer, err = js.LoadInline(w.Option("fold"), source.Text, w.scripts)
	}
	return f, err
}

func (w *Workspace) execFold(command string) (replay.Reducer, error) {
	if err := w.MayRun("name a projection of asof.toml"); err != nil {
		return nil, err
	}
	argv, err := exec.ParseCommand(command)
	if err != nil {
		return nil, Usage(fault.Try("quote it as a shell would").With("fold", "exec:python3 fold.py"), "bad fold %q: %v", "exec:"+command, err)
	}
	return exec.New(argv, w.execOptions()), nil
}

// maxScript bounds a script, in bytes, so that a wrong path does not fill the memory.
const maxScript = 16 << 20

// ReadScript reads a script that the user named.
func (w *Workspace) ReadScript(ctx context.Context, path string) (string, error) {
	text, err := w.ReadFile(ctx, path, "a script", maxScript)
	return string(text), err
}

// FoldName returns a key that identifies the fold that [Workspace.FoldFor] opens,
// without opening it.
func (w *Workspace) FoldName(id replay.StreamID, category string, how Folding) (string, error) {
	if how.Fold != "" || how.Projection != "" {
		return "", nil
	}
	proj, err := w.Project()
	if err != nil || proj == nil {
		return "", err
	}
	if p, ok := proj.ProjectionFor(id, category); ok {
		return "proj:" + p.Name, nil
	}
	return "merge", nil
}
