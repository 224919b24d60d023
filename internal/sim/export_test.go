package sim

// Actions are the APIs served, each with its service.
func Actions() map[string]string {
	services := map[string]string{}
	for name, a := range allActions() {
		services[name] = a.service
	}
	return services
}
