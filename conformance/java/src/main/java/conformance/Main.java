package conformance;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Checks with grpc-java what the contract promises. Takes the address of a service and writes a line for each check: its
 * name, a tab, and "ok" or what was found instead.
 */
public final class Main {
  /** One promise of the contract; throws what it found instead. */
  interface Check {
    void run() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(args[0])
            .usePlaintext()
            .keepAliveTime(10, TimeUnit.SECONDS)
            .build();
    Service service = new Service(channel);
    var running = Executors.newCachedThreadPool();
    for (Map<String, Check> checks :
        List.of(new Calls(service).checks(), new Streams(service).checks(), new Others(service).checks())) {
      checks.forEach((name, check) -> running.execute(() -> report(name, check)));
    }
    running.shutdown();
    running.awaitTermination(2, TimeUnit.MINUTES);
    channel.shutdownNow();
    // A check that hangs has said nothing, which is its failure.
    System.exit(0);
  }

  private static void report(String name, Check check) {
    String said = "ok";
    try {
      check.run();
    } catch (Exception | AssertionError error) {
      said = error.toString().replaceAll("\\s+", " ");
    }
    System.out.println(name + "\t" + said);
  }

  static void must(boolean isRight, Object found) {
    if (!isRight) throw new AssertionError(String.valueOf(found));
  }
}
