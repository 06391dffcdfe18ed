package workspace

import (
	"slices"
	"sync"

	"asof/replay/place"
)

// hidden lists locations whose secrets no message may repeat, the latest last. It is
// safe for concurrent use.
type hidden struct {
	mu  sync.Mutex
	all []place.Location
}

// add adds a location, and drops the oldest ones beyond limit. A limit of 0 drops none.
func (h *hidden) add(at place.Location, limit int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = slices.DeleteFunc(h.all, func(old place.Location) bool { return old.Reveal() == at.Reveal() })
	h.all = append(h.all, at)
	if limit > 0 && len(h.all) > limit {
		h.all = slices.Delete(h.all, 0, len(h.all)-limit)
	}
}

func (h *hidden) scrub(text string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, at := range h.all {
		text = at.Scrub(text)
	}
	return text
}

// maxHidden bounds the locations that a workspace remembers for messages that are
// scrubbed after their question. The question itself remembers all of its own.
const maxHidden = 256

// Scrub removes secrets from a text, such as an error message: those of every store
// that the question named or opened, and those of the latest questions.
func (w *Workspace) Scrub(text string) string {
	if w.question != nil {
		text = w.question.hidden.scrub(text)
	}
	return w.hidden.scrub(text)
}

// hide records a location whose secrets no message may repeat.
func (w *Workspace) hide(at place.Location) {
	if !at.HasSecrets() {
		return
	}
	if w.question != nil {
		w.question.hidden.add(at, 0)
	}
	w.hidden.add(at, maxHidden)
}
