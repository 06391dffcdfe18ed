package workspace

import (
	"cmp"
	"path/filepath"
	"sync"

	"asof/replay/project"
)

// A question is the state of one question, such as the project file it uses.
type question struct {
	hidden hidden
	inputs inputs

	mu      sync.Mutex
	loaded  bool
	found   foundProject
	guessed bool // a timeline was folded by merge by default
	opened  bool // a store was opened
}

// A foundProject is a project and how it was found.
type foundProject struct {
	project *project.Project // nil: there is none, or it is not used
	above   bool             // found by search, in a parent folder
}

// Project returns the project of asof.toml, or nil if there is none.
func (w *Workspace) Project() (*project.Project, error) {
	found, err := w.findProject()
	return found.project, err
}

// ProjectAbove returns the path of the project file if the question found it by
// search in a parent folder.
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

// searchProject searches the host's folder and its parents for a project. It ignores
// a file that other users may write to. An unreadable file in a parent folder is only
// noted, because the store may have nothing to do with it.
func (w *Workspace) searchProject() (foundProject, error) {
	dir := cmp.Or(w.host.Dir, ".")
	path, ok := project.Find(dir, w.host.Getenv("ASOF_CEILING"))
	if !ok {
		return foundProject{}, nil
	}
	if why := project.Distrust(path); why != nil {
		w.Note("project", path+" is not used: "+why.Error()+"; "+w.Option("config")+" names it")
		return foundProject{}, nil
	}
	here, err := filepath.Abs(dir)
	above := err == nil && filepath.Dir(path) != here
	p, err := project.Load(path)
	if err != nil && above {
		w.Note("project", "the project file in a parent folder is not used: "+err.Error())
		return foundProject{}, nil
	}
	if err != nil {
		return foundProject{}, err
	}
	w.readsProject(p)
	return foundProject{project: p, above: above}, nil
}
