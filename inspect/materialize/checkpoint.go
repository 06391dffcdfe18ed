package materialize

import (
	"encoding/json"
	"slices"

	"asof/inspect/query"
)

// format is the format of checkpoints. Another one builds the table again.
const format = 2

// A Checkpoint says what the rows of a target are. It lies in the target.
type Checkpoint struct {
	Format     int      `json:"format"`
	Release    string   `json:"release"` // of the program
	Store      string   `json:"store"`   // identifies the store and how it is read
	Projection string   `json:"projection"`
	Fold       string   `json:"fold"`             // identifies the fold; empty: nothing does
	AsOf       string   `json:"as_of,omitempty"`  // the moment that was asked for; empty: the head
	Chosen     []string `json:"chosen,omitempty"` // the names of columns; empty: all
	Shard      string   `json:"shard,omitempty"`  // the part of the streams; empty: all

	Position *int64        `json:"position"`          // of the moment; nil: the store has none
	Time     string        `json:"time,omitempty"`    // of the moment
	Members  []string      `json:"members"`           // of the states, in the order in which they were found
	Sights   []query.Sight `json:"sights"`            // where each member was first found
	Columns  []Column      `json:"columns"`           // of the table
	Streams  string        `json:"streams,omitempty"` // identifies the heads of all streams, where each row may depend on all
	Rows     int64         `json:"rows"`
	History  int64         `json:"history,omitempty"` // rows, of a [Trailer]
	Changes  int64         `json:"changes,omitempty"` // as well
}

// Encode returns the checkpoint as JSON.
func (c *Checkpoint) Encode() (string, error) {
	b, err := json.Marshal(c)
	return string(b), err
}

// Decode reads what Encode returned. A text that it did not write is no checkpoint.
func Decode(text string) (*Checkpoint, error) {
	var c Checkpoint
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return nil, err
	}
	return &c, nil
}

// differs returns why the rows of old cannot be kept for what is wanted; empty: they can.
// past says that those of a past moment can.
func (c *Checkpoint) differs(old *Checkpoint, past bool) string {
	switch {
	case old.Format != c.Format || old.Release != c.Release:
		return "another release of asof wrote it"
	case old.Store != c.Store:
		return "it was made from another store"
	case old.Projection != c.Projection:
		return "it was made from another projection"
	case c.AsOf != "" && !past:
		return "the rows of a past moment are always built again"
	case old.AsOf != c.AsOf:
		return "it was as of another moment"
	case c.Fold == "":
		return "it is not known whether the fold is the same"
	case old.Fold != c.Fold:
		return "the fold changed"
	case !slices.Equal(old.Chosen, c.Chosen):
		return "it had other columns"
	}
	return ""
}
