package wire

import "asof/inspect/scaffold"

// Init is a first project for a store.
type Init struct {
	Events      int64            `json:"events"`      // of the store
	Looked      int64            `json:"looked"`      // payloads that were looked into
	Unread      int64            `json:"unread"`      // of these, those that can't be read
	TriedShard  int              `json:"tried_shard"` // one of this many streams was folded to try the project; 1: all
	Mapped      bool             `json:"mapped"`      // the store was opened by a mapping that was proposed for it
	Written     bool             `json:"written"`
	Projections []InitProjection `json:"projections"`
	Unsure      []string         `json:"unsure"` // handlers that need a look, as FILE: TYPE
	Files       []InitFile       `json:"files"`
	Next        [][]string       `json:"next"` // commands to try, as arguments
}

// An InitProjection is a projection of a first project.
type InitProjection struct {
	Name       string   `json:"name"`
	Category   *string  `json:"category"` // null: the streams without one
	File       string   `json:"file"`
	Types      int      `json:"types"`
	Invariants []string `json:"invariants"`
}

// An InitFile is a file of a first project.
type InitFile struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// NewInit is the answer of init.
func NewInit(d *scaffold.Draft, written bool) Init {
	i := Init{
		Events: d.Survey.Events, Looked: d.Survey.Looked, Unread: d.Survey.Unread, TriedShard: d.Tried, Mapped: d.Mapped, Written: written,
		Projections: []InitProjection{}, Unsure: append([]string{}, d.Unsure()...), Files: []InitFile{}, Next: d.Next(),
	}
	for _, p := range d.Parts {
		one := InitProjection{Name: p.Projection, Category: text(&p.Name), File: p.File, Types: len(p.Types), Invariants: []string{}}
		for _, v := range p.Invariants {
			one.Invariants = append(one.Invariants, v.Name)
		}
		i.Projections = append(i.Projections, one)
	}
	for _, f := range d.Files() {
		i.Files = append(i.Files, InitFile{f.Name, f.Text})
	}
	return i
}
