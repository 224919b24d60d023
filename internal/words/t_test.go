package words
import "testing"
func TestTry(t *testing.T){
 for _,s:=range []string{"no proven replica; snapshot snap-abc of 2026-11-23T13:21:00Z is not copied yet (the source is CREATING at 20 %; it is copied when it is NORMAL at 100 %): the reply and log of the copy function have the cause, such as a refusal, a missing permission or a used-up quota",
 "its newest proven point is 4 days old, and RPO is 3 days; snapshot snap-1 of 2026-11-26T03:00:00Z can't be copied: is encrypted: the service does not copy encrypted snapshots; if the disk needs no protection, tag it ferry:skip",
 "copy: 2 failed, 1 stuck; first: disk-1 snapshot snap-1 from ap-a to ap-b: copy snap-1 from ap-a to ap-b: AuthFailure: The thing failed to do (RequestId abc-1); grant the named action to the role",
 "TARGET_REGIONS: \"bejing\": is not a region such as ap-guangzhou","nothing to do: no snapshot in ap-guangzhou, ap-beijing is selected; 5 API calls, 0.3 s; not settled: copies are missing or in progress",
 "This message of the vendor is unknown, and stays", "warning:", "snap-1 and snap-2 in ap-x are both complete replicas of snap-3: retain keeps one",
 }{ t.Log("\n"+s+"\n"+In("zh",s)) }
}
func BenchmarkX(b *testing.B){ for range b.N { In("zh","its newest proven point is 4 days old, and RPO is 3 days; snapshot snap-1 of 2026-11-26T03:00:00Z can't be copied: is encrypted: the service does not copy encrypted snapshots; if the disk needs no protection, tag it ferry:skip")}}
