package sim

import "strings"

// knownRegions are the regions that exist, with the name DescribeRegions shows.
var knownRegions = []struct{ id, name string }{
	{"ap-guangzhou", "South China (Guangzhou)"},
	{"ap-shanghai", "East China (Shanghai)"},
	{"ap-nanjing", "East China (Nanjing)"},
	{"ap-beijing", "North China (Beijing)"},
	{"ap-chengdu", "Southwest China (Chengdu)"},
	{"ap-chongqing", "Southwest China (Chongqing)"},
	{"ap-guiyang", "Southwest China (Guiyang)"},
	{"ap-hongkong", "Hong Kong, Macao and Taiwan (Hong Kong)"},
	{"ap-taipei", "Hong Kong, Macao and Taiwan (Taipei)"},
	{"ap-singapore", "Southeast Asia (Singapore)"},
	{"ap-jakarta", "Southeast Asia (Jakarta)"},
	{"ap-bangkok", "Southeast Asia (Bangkok)"},
	{"ap-seoul", "Northeast Asia (Seoul)"},
	{"ap-tokyo", "Northeast Asia (Tokyo)"},
	{"ap-mumbai", "South Asia (Mumbai)"},
	{"na-siliconvalley", "West US (Silicon Valley)"},
	{"na-ashburn", "East US (Virginia)"},
	{"na-toronto", "North America (Toronto)"},
	{"sa-saopaulo", "South America (Sao Paulo)"},
	{"eu-frankfurt", "Europe (Frankfurt)"},
	{"eu-moscow", "Europe (Moscow)"},
	{"ap-shanghai-fsi", "East China (Shanghai Finance)"},
	{"ap-shenzhen-fsi", "South China (Shenzhen Finance)"},
	{"ap-beijing-fsi", "North China (Beijing Finance)"},
}

// finance tells whether a region is one of the closed ones for banks.
func finance(region string) bool { return strings.HasSuffix(region, "-fsi") }
