namespace OrleansBatch.Agent.Tests;

public sealed class HostCapacityTests : IDisposable
{
    private readonly string _devices = Directory.CreateTempSubdirectory("agent-devices-").FullName;

    public void Dispose() => Directory.Delete(_devices, recursive: true);

    [Fact]
    public void GPUs_are_counted_by_the_files_that_the_driver_makes()
    {
        foreach (var name in new[] { "nvidia0", "nvidia1", "nvidia10", "nvidiactl", "nvidia-uvm", "nvidia-caps", "nvidia1x", "xnvidia0", "null" })
        {
            File.WriteAllText(Path.Combine(_devices, name), "");
        }

        Assert.Equal(3, HostCapacity.Read(gpus: null, _devices).Gpus);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void What_the_operator_says_of_GPUs_goes_before_what_is_there(int gpus)
    {
        File.WriteAllText(Path.Combine(_devices, "nvidia0"), "");

        Assert.Equal(gpus, HostCapacity.Read(gpus, _devices).Gpus);
    }

    [Fact]
    public void A_machine_without_the_driver_has_none() => Assert.Equal(0, HostCapacity.Read(gpus: null, Path.Combine(_devices, "nowhere")).Gpus);
}
