package workspace

import (
	"cmp"
	"path/filepath"
	"sync"

	"asof/replay/project"
)

// A question is what one question has to itself: the project file as it is for it.
type question struct {
	mu      sync.Mutex
	loaded  bool
	found   foundProject
	guessed bool // a timeline was folded by merge, because nothing said how
}

// A foundProject is a project, and how it was found.
type foundProject struct {
	project *project.Project // nil: there is none, or it is not used
	above   bool             // nobody named it, and it is in a folder above
}

// Project returns the project of asof.toml, or nil if there is none.
func (w *Workspace) Project() (*project.Project, error) {
	found, err := w.findProject()
	return found.project, err
}

// ProjectAbove returns the path of the project file if the question used one that
// nobody named, from a folder above.
func (w *Workspace) ProjectAbove() (path string, ok bool) {
	if w.question == nil {
		return "", false
	}
	w.question.mu.Lock()
	defer w.question.mu.Unlock()
	if found := w.question.found; found.above && found.project != nil {
		return found.project.Path, true
	}
	return "", false
}

// NoteProjectAbove notes the project file that [Workspace.ProjectAbove] returns.
func (w *Workspace) NoteProjectAbove() {
	if path, ok := w.ProjectAbove(); ok {
		w.Note("project", "the project file is "+path)
	}
}

func (w *Workspace) findProject() (foundProject, error) {
	if w.question == nil {
		return w.loadProject()
	}
	w.question.mu.Lock()
	defer w.question.mu.Unlock()
	if w.question.loaded {
		return w.question.found, nil
	}
	found, err := w.loadProject()
	if err == nil {
		w.question.found, w.question.loaded = found, true
	}
	return found, err
}

func (w *Workspace) loadProject() (foundProject, error) {
	path := cmp.Or(w.options.Config, w.host.Getenv("ASOF_CONFIG"))
	if path == "" {
		return w.searchProject()
	}
	p, err := project.Load(w.Path(path))
	if err != nil {
		return foundProject{}, err
	}
	w.readsProject(p)
	return foundProject{project: p}, nil
}

// searchProject returns the project that nobody named: of the host's folder, or of
// one above. A file that other users may write to is not used, and one above that
// cannot be read is no reason to refuse a store that has nothing to do with it.
func (w *Workspace) searchProject() (foundProject, error) {
	dir := cmp.Or(w.host.Dir, ".")
	path, ok := project.Find(dir, w.host.Getenv("ASOF_CEILING"))
	if !ok {
		return foundProject{}, nil
	}
	if why := project.Distrust(path); why != nil {
		w.Note("project", path+" is not used, as "+why.Error()+"; "+w.Option("config")+" names it")
		return foundProject{}, nil
	}
	here, err := filepath.Abs(dir)
	above := err == nil && filepath.Dir(path) != here
	p, err := project.Load(path)
	if err != nil && above {
		w.Note("project", "a project file above is not used: "+err.Error())
		return foundProject{}, nil
	}
	if err != nil {
		return foundProject{}, err
	}
	w.readsProject(p)
	return foundProject{project: p, above: above}, nil
}
