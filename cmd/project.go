package cmd

import (
	"cmp"
	"path/filepath"

	"asof/replay/project"
)

// project returns the project of asof.toml, or nil where there is none.
func (a *app) project() (*project.Project, error) {
	if a.proj != nil || a.noProj {
		return a.proj, nil
	}
	if path := cmp.Or(a.config, a.Env("ASOF_CONFIG")); path != "" {
		return a.loadProject(a.path(path))
	}
	return a.foundProject()
}

// foundProject returns the project that nobody named: of the current folder, or of
// one above. One that others may write to is not used, and one above that can't be
// read is no reason to refuse a store that has nothing to do with it.
func (a *app) foundProject() (*project.Project, error) {
	dir := cmp.Or(a.Dir, ".")
	path, ok := project.Find(dir, a.Env("ASOF_CEILING"))
	if !ok {
		return nil, nil
	}
	if why := project.Distrust(path); why != nil {
		a.noProj = true
		a.note("project", path+" is not used, as "+why.Error()+"; --config names it")
		return nil, nil
	}
	here, err := filepath.Abs(dir)
	above := err == nil && filepath.Dir(path) != here
	p, err := a.loadProject(path)
	if err != nil && above {
		a.noProj = true
		a.note("project", "a project file above is not used: "+err.Error())
		return nil, nil
	}
	a.above = above && err == nil
	return p, err
}

func (a *app) loadProject(path string) (*project.Project, error) {
	p, err := project.Load(path)
	if err != nil {
		return nil, err
	}
	a.readsProject(p)
	a.proj = p
	return p, nil
}
