package notify

// Len is how many things are remembered.
func (m *Memory) Len() int { return len(m.all) }
